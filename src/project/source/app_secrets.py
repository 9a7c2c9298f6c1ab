# SPDX-License-Identifier: Apache-2.0
# Literals with the form of a secret: compiled only where a text may be one.
BASE64 = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-")
TOKENS = (("ghp_", 36), ("gho_", 36), ("github_pat_", 40), ("sk-", 24), ("xoxb-", 24),
          ("xoxp-", 24), ("xoxa-", 24), ("AIza", 39), ("glpat-", 24), ("pypi-AgE", 40))
# How the keys of the emulators (of storage, of Cosmos DB) begin, which everybody knows:
EMULATORS = ("Eby8vdM02xNOcqFl", "C2y6yDjf5/R+ob0N8A7Cgv30VRDJ")
PLACEHOLDERS = ("<", "{", "***", "your", "changeme", "change_me", "xxxx", "example", "sample",
                "dummy", "placeholder")
NO_SECRETS = PLACEHOLDERS + ("...", "todo", "fake", "test", "secret", "password", "token", "guest")


def value_after(text, word):
    """What stands behind "word" up to ";", "" when it doesn't or has the form of a placeholder."""
    at = text.lower().find(word)
    if at < 0:
        return ""
    value = text[at + len(word):].split(";")[0].split("&")[0].strip()
    return "" if is_placeholder(value) else value


def is_placeholder(value):
    low = value.lower()
    return len(set(low)) < 4 or low[0] in "%$" or any(one in low for one in PLACEHOLDERS)


def is_emulator(text):
    return EMULATORS[0] in text or EMULATORS[1] in text


def shape_of(text):
    if is_emulator(text):
        return None
    if "=" in text:
        if len(value_after(text, "accountkey=")) >= 40:
            return "cosmos-key" if "accountendpoint=" in text.lower() else "storage-key"
        if len(value_after(text, "sharedaccesskey=")) >= 20:
            return "shared-key"
        if ";" in text and (value_after(text, "password=") or value_after(text, "pwd=")):
            return "password"
        if " " in text and is_dsn(text):
            return "password"
        if has_function_key(text):
            return "signed-url"
        if "sig=" in text and "://" in text and len(value_after(text, "sig=")) >= 20:
            return "signed-url"
        if len(text) == 88 and text.endswith("==") and BASE64.issuperset(text):
            return "storage-key"
    if "://" in text:
        user, at, host = text.partition("://")[2].split("/")[0].rpartition("@")
        word = user.partition(":")[2]
        here = host.startswith(("localhost", "127.", "host.docker"))
        return "signed-url" if at and not here and not is_placeholder(word) and \
            word.lower() not in NO_SECRETS else None
    if "PRIVATE KEY-----" in text and text.lstrip().startswith("-----BEGIN"):
        return "token" if len(text) > 100 else None
    if not BASE64.issuperset(text.replace(".", "")) or is_placeholder(text):
        return None
    if text[:4] in ("AKIA", "ASIA") and len(text) == 20 and text.isalnum() and text.isupper():
        return "token"
    if text.startswith("eyJ") and text.count(".") == 2 and len(text) >= 60:
        return "token"
    return "token" if any(text.startswith(one) and len(text) >= least for one, least in TOKENS) \
        else None


def is_dsn(text):
    """Of libpq: "host=db user=app password=…"; of a server on this machine it keeps nobody out."""
    parts = {}
    for part in text.split():
        key, _, value = part.partition("=")
        parts.setdefault(key, value.strip("'"))
    password, host = parts.get("password", ""), parts.get("host", parts.get("hostaddr", ""))
    return not is_placeholder(password) and password[0] not in ":?@" and \
        password.lower() not in NO_SECRETS and password != parts.get("user") and \
        bool(host or parts.get("dbname")) and \
        not host.startswith(("localhost", "127.", "::1", "host.docker", "/"))


def has_function_key(text):
    """The key of a function or an app in its URL; other codes are shorter, or not by chance."""
    for sign in ("?code=", "&code="):
        value = value_after(text, sign).partition(" ")[0].replace("%3D", "=").replace("%3d", "=")
        if len(value) >= 40 and is_random(value):
            return True
    return False


def judge_text(node, text, scope):
    shape = shape_of(text)
    if shape:
        name = scope.module.named.get(id(node), "")
        if shape == "storage-key" and "cosmos" in name.lower():  # alone they look alike
            shape = "cosmos-key"
        scope.module.literals.append((node, shape, name))


def judge_named_text(name, node, text, scope):
    shape = "password" if looks_random(text) else "token" if is_base64(text) else ""
    if shape and not is_emulator(text) and not shape_of(text) and \
            not any(one in text.lower() for one in NO_SECRETS):
        scope.module.literals.append((node, shape, name))


def looks_random(text):
    """Two kinds of characters at least, no words with blanks, no name of a setting, no address."""
    kinds = (any(one.isdigit() for one in text) + any(one.islower() for one in text)
             + any(one.isupper() for one in text) + (not text.isalnum()))
    is_name = text.replace("_", "").replace("-", "").replace(".", "").isalpha()
    return kinds >= 2 and not is_name and not any(one in text for one in " /@:(\n")


def is_random(text):
    """Made by chance: kinds of characters change too often for words (see setting_secret.c)."""
    if len(text) < 20 or not BASE64.issuperset(text):
        return False
    changes, before = 0, ""
    for one in text:
        kind = "0" if one.isdigit() else "a" if one.islower() else "A" if one.isupper() else ""
        changes += before != kind and before + kind not in ("Aa", before, kind)
        before = kind
    return changes * 5 >= len(text)


def is_base64(text):
    """A key as AWS makes them, of all kinds of characters; paths have fewer, or words."""
    return is_random(text) and any(one.isdigit() for one in text) and \
        any(one.islower() for one in text) and any(one.isupper() for one in text)
