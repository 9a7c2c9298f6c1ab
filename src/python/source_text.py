"""The text of a source file that is to be changed: its lines as they are, and the parts of an
import statement with their comments. Positions are (row from 1, column). Part of the rewriter,
see source_rewrite.py."""
import io
import tokenize


class Refused(Exception):
    """kind is one word for programs, detail is for people; line 0 when there is none."""

    def __init__(self, kind, detail, line=0):
        super().__init__(kind, detail, line)
        self.kind, self.detail, self.line = kind, detail, line


class Line(str):
    """A line with its end. new marks a statement that was not there in the file."""
    new = False


def new_lines(texts, indentation, end):
    lines = [Line(indentation + text + end if text else end) for text in texts]
    for line in lines:
        line.new = True
    return lines


class Text:
    """The lines of a file; encoded() gives its bytes back."""

    def __init__(self, data):
        self.encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        text = data.decode(self.encoding)
        if text.encode(self.encoding) != data:
            raise Refused("encoding", "its bytes are not those of its encoding")
        if "\r" in text.replace("\r\n", ""):
            raise Refused("line-ends", "it has other line ends than LF and CR LF")
        parts = text.split("\n")
        self.lines = [Line(part + "\n") for part in parts[:-1]] + [Line(parts[-1])] * bool(parts[-1])

    def encoded(self):
        return "".join(self.lines).encode(self.encoding)

    def row(self, number):
        return self.lines[number - 1]

    def end_at(self, number):
        """The line end of that row, or of the one before where the file's last has none."""
        row = self.row(number)
        if not row.endswith("\n") and number > 1:
            row = self.row(number - 1)
        return "\r\n" if row.endswith("\r\n") else "\n"

    def apply(self, edits):
        """Each edit: (rows before it, rows up to its end, lines to stand there instead)."""
        for start, end, lines in sorted(edits, key=lambda edit: edit[:2], reverse=True):
            if lines and start and not self.lines[start - 1].endswith("\n"):
                raise Refused("layout", "its last line has no end", start)
            self.lines[start:end] = lines

    def new_rows(self):
        return {number for number, line in enumerate(self.lines, 1) if line.new}


class Alias:
    """One name of an import statement, with the comments that are about it alone."""

    def __init__(self, start):
        self.text, self.start, self.end, self.comma = "", start, start, None
        self.leading, self.leading_rows, self.trailing = [], [], ""

    def add(self, token, end):
        if token.type == tokenize.NAME and self.text and self.text[-1] != ".":
            self.text += " "
        self.text += token.string
        self.end = end


class Parts:
    """An import statement taken apart. comments are those about all of it, behind is the one at
    its end."""

    def __init__(self, text, node):
        self.text, self.node = text, node
        self.aliases, self.behind = [], ""
        self.placed = []  # (row, comment about all of it)
        self.close = None  # where ")" stands
        if node.col_offset:
            raise Refused("one-line", f"another statement stands at line {node.lineno}",
                          node.lineno)
        self.read()
        if len(self.aliases) != len(node.names):
            raise Refused("layout", f"the statement at line {node.lineno} is written in a way "
                                    "that can't be taken apart", node.lineno)
        self.share_comments()
        self.comments = [comment for _, comment in sorted(self.placed)]

    def tokens(self):
        above = self.node.lineno - 1
        rows = iter(self.text.lines[above:self.node.end_lineno])
        for token in tokenize.generate_tokens(lambda: next(rows, "")):
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
                return
            yield token, (token.start[0] + above, token.start[1]), \
                (token.end[0] + above, token.end[1])

    def read(self):
        keyword, alias, waiting = False, None, []
        for token, start, end in self.tokens():
            word = token.string
            if not keyword:
                keyword = word == "import"
            elif token.type == tokenize.COMMENT:
                self.read_comment(word, start, waiting)
            elif word == ")":
                self.close = start
                self.placed += [(row, comment) for comment, row in waiting]
            elif word == ";":
                raise Refused("one-line", f"another statement stands at line {start[0]}", start[0])
            elif word == ",":
                self.aliases[-1].comma, alias = end, None
            elif word != "(" and token.type in (tokenize.NAME, tokenize.OP):
                if alias is None:
                    alias = Alias(start)
                    alias.leading = [comment for comment, _ in waiting]
                    alias.leading_rows = [row for _, row in waiting]
                    waiting.clear()
                    self.aliases.append(alias)
                alias.add(token, end)

    def read_comment(self, word, start, waiting):
        last = self.aliases[-1] if self.aliases else None
        if self.close or (last and self.node.lineno == self.node.end_lineno):
            self.behind = word
        elif last and start[0] == (last.comma or last.end)[0]:
            last.trailing = word
        elif start[0] == self.node.lineno:
            self.placed.append((start[0], word))
        else:
            waiting.append((word, start[0]))

    def share_comments(self):
        """A comment behind several names is about none of them alone."""
        for alias in self.aliases:
            row = alias.end[0]
            others = [one for one in self.aliases if one is not alias and one.end[0] == row]
            if alias.trailing and (others or row == self.node.lineno):
                self.placed.append((row, alias.trailing))
                alias.trailing = ""

    def head(self):
        node = self.node
        if isinstance(node, _ast.Import):
            return "import "
        return f"from {'.' * (node.level or 0)}{node.module or ''} import "

    def written(self, chosen, is_whole, keyword=""):
        """The lines that import the aliases of these indices elsewhere. is_whole: none stays, so
        the comments about all of the statement come along."""
        lines, behind = [], ""
        if is_whole:
            lines += self.comments
            behind = "  " + self.behind if self.behind else ""
        aliases = [self.aliases[index] for index in chosen]
        plain = [one.text for one in aliases if not one.leading and not one.trailing]
        if plain:
            lines.append(keyword + self.head() + ", ".join(plain) + behind)
            behind = ""
        for one in aliases:
            if one.leading or one.trailing:
                trailing = "  " + one.trailing if one.trailing else behind
                lines += one.leading + [keyword + self.head() + one.text + trailing]
        return lines

    def remainder(self, moved):
        """The lines that stay when the aliases of these indices go; [] when none stays."""
        kept = [one.text for index, one in enumerate(self.aliases) if index not in moved]
        if not kept:
            return []
        if self.close:
            return self.cut([self.aliases[index] for index in moved])
        behind = self.text.row(self.node.end_lineno)[self.aliases[-1].end[1]:]
        return [Line(self.head() + ", ".join(kept) + behind)]

    def cut(self, gone):
        """The rows without these aliases, else as they are."""
        lines = []
        for number in range(self.node.lineno, self.node.end_lineno + 1):
            if any(number in alias.leading_rows for alias in gone):
                continue
            here = [alias for alias in gone if alias.start[0] == number]
            row = self.cut_row(number, here) if here else self.text.row(number)
            if row.strip():
                lines.append(Line(row))
        return lines

    def cut_row(self, number, gone):
        row = self.text.row(number)
        rest, end = row.rstrip("\r\n"), self.text.end_at(number)
        behind = ""
        if self.close and self.close[0] == number:
            rest, behind = rest[:self.close[1]], rest[self.close[1]:]
        for alias in sorted(gone, key=lambda one: one.start, reverse=True):
            stop = alias.comma or alias.end
            if stop[0] != number:
                raise Refused("layout", f"a name of the statement at line {number} is written "
                                        "on several lines", number)
            tail = rest[stop[1]:].lstrip(" \t")
            if alias.trailing and tail.endswith(alias.trailing):
                tail = tail[:-len(alias.trailing)]
            rest = rest[:alias.start[1]] + tail
        rest = rest.rstrip(" \t") if not behind else rest.rstrip(" \t,") or rest
        return (rest + behind + end) if rest.strip() or behind else ""
