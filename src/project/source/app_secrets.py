# SPDX-License-Identifier: Apache-2.0
# Literals with the form of a secret: compiled only where a text may be one.
BASE64 = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-")
TOKENS = (("ghp_", 36), ("gho_", 36), ("github_pat_", 40), ("sk-", 24), ("xoxb-", 24),
          ("xoxp-", 24), ("xoxa-", 24), ("AIza", 39), ("glpat-", 24), ("pypi-AgE", 40))
EMULATOR = "Eby8vdM02xNOcqFl"  # how the storage emulator's key begins, which everybody knows
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


def shape_of(text):
    if EMULATOR in text:
        return None
    if "=" in text:
        if len(value_after(text, "accountkey=")) >= 40:
            return "storage-key"
        if len(value_after(text, "sharedaccesskey=")) >= 20:
            return "shared-key"
        if ";" in text and (value_after(text, "password=") or value_after(text, "pwd=")):
            return "password"
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


def judge_text(node, text, scope):
    shape = shape_of(text)
    if shape:
        scope.module.literals.append((node, shape, scope.module.named.get(id(node), "")))


def judge_named_text(name, node, text, scope):
    if looks_random(text) and not shape_of(text) and \
            not any(one in text.lower() for one in NO_SECRETS):
        scope.module.literals.append((node, "password", name))


def looks_random(text):
    """Two kinds of characters at least, no words with blanks, no name of a setting, no address."""
    kinds = (any(one.isdigit() for one in text) + any(one.islower() for one in text)
             + any(one.isupper() for one in text) + (not text.isalnum()))
    is_name = text.replace("_", "").replace("-", "").replace(".", "").isalpha()
    return kinds >= 2 and not is_name and not any(one in text for one in " /@:(\n")
