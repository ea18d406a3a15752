"""Make the completions of a program for bash, zsh and fish.

    complete.py PROGRAM OPERANDS OPTIONS.DEF COLUMNS.DEF
                [COMMANDS.DEF | KEY.DEF MEASURE.DEF] OUT ...

OPERANDS is what the operands of the program are, "file" or "none";
with COMMANDS.DEF the first of them is one of its words. KEY.DEF and MEASURE.DEF
have what an option with keys or measures lists. The shell of an OUT is
known by its name: PROGRAM (bash), _PROGRAM (zsh), PROGRAM.fish.
"""
import os
import re
import sys

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|\'(.)\'|([(),])|([^\s"\'(),]+)')


def read(path):
    """A .def file without comments, and with what it includes."""
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    shared = os.path.join(os.path.dirname(__file__), os.pardir, os.pardir,
                          "tool")
    return re.sub(r'^#include "(\w+\.def)"$',
                  lambda m: read(os.path.join(shared, m.group(1))), text,
                  flags=re.M)


def statements(path, word):
    """The arguments of each word(...) of a .def file: texts, joined where
    they stand side by side, or bare words; NULL is None."""
    text = read(path)
    found = []
    for start in re.finditer(rf"^{word}\s*\(", text, re.M):
        args, depth, parts = [], 1, []
        for m in TOKEN.finditer(text, start.end()):
            string, letter, mark, bare = m.groups()
            if mark == "(":
                depth += 1
            elif mark == ")":
                depth -= 1
            if depth == 0 or (mark == "," and depth == 1):
                args.append(None if parts == ["NULL"] else "".join(parts))
                parts = []
            elif string is not None:
                parts.append(string.replace('\\"', '"'))
            elif letter or bare:
                parts.append(letter or bare)
            if depth == 0:
                break
        found.append(args)
    return found


class Option:
    """A row of options.def that is listed."""

    def __init__(self, args):
        letter, self.word, self.value, self.offers, self.help = args[:5]
        self.letter = None if letter == "0" else letter
        # A constant in a text is known to the compiler only.
        if self.help is not None:
            self.help = re.sub(r" ?\(FLOWD_\w+\)", "", self.help)
        self.names = ([f"-{self.letter}"] if self.letter else []) + \
            ([f"--{self.word}"] if self.word else [])


def options(path):
    """Those without a text are not listed, but for -h, which all have."""
    return [o for o in map(Option, statements(path, "OPTION"))
            if o.help is not None]


def columns(path):
    return [args[1] for args in statements(path, "COLUMN")
            if "RECORD" not in args[5]]


def commands(path):
    """[(word, argument or None, help)]"""
    return [args[:3] for args in statements(path, "COMMAND")]


def words_of(path, *statement):
    """The first argument of these statements."""
    return [args[0] for word in statement for args in statements(path, word)]


class Program:
    def __init__(self, name, operands, table, lists, words):
        self.name, self.operands, self.options = name, operands, table
        # Of what an option lists, with commas between: by its kind.
        self.lists, self.commands = lists, words

    def of(self, kind):
        """Options whose value is of a kind."""
        return [o for o in self.options
                if o.value and o.offers.split(" ")[0] == kind]


# bash: what is complete for the word before the cursor, in COMPREPLY.

BASH = r"""# bash completion for {name}; made from its table of options.

_{id}()
{{
	local cur=${{COMP_WORDS[COMP_CWORD]}} prev= word= i

	COMPREPLY=()
	# The shell splits words at these.
	if [[ $cur == [=:] ]]; then
		cur=
	elif [[ ${{COMP_WORDS[COMP_CWORD - 1]}} == [=:] ]]; then
		:
	else
		prev=${{COMP_WORDS[COMP_CWORD - 1]}}
	fi
	if [[ -z $prev ]]; then
		# What "--word=", or a value up to its colon, belongs to.
		for ((i = COMP_CWORD; i > 0; i--)); do
			[[ ${{COMP_WORDS[i]}} == -?* ]] && break
		done
		prev=${{COMP_WORDS[i]}}
		for ((i++; i < COMP_CWORD; i++)); do
			[[ ${{COMP_WORDS[i]}} == "=" ]] || word+=${{COMP_WORDS[i]}}
		done
		[[ ${{COMP_WORDS[COMP_CWORD]}} == ":" ]] && word+=:
	fi
	case $prev in
{values}	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W '{names}' -- "$cur"))
		return
	fi
{operands}}}

complete -F _{id} {name}
"""

BASH_OFFERS = {
    "": "\t\treturn\n",
    "file": "\t\tcompopt -o filenames 2>/dev/null\n"
            "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
            "\t\treturn\n",
    "words": "\t\tCOMPREPLY=($(compgen -W '{words}' -- \"$word$cur\"))\n"
             "\t\tCOMPREPLY=(\"${{COMPREPLY[@]#\"$word\"}}\")\n"
             "\t\treturn\n",
    "list": "\t\tcompopt -o nospace 2>/dev/null\n"
            "\t\t[[ $cur == *,* ]] && word=${{cur%,*}},\n"
            "\t\tCOMPREPLY=($(compgen -P \"$word\" -W '{words}' "
            "-- \"${{cur##*,}}\"))\n\t\treturn\n"}

BASH_COMMAND = r"""	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${{COMP_WORDS[i]}} in
		{skip})
			((i++))
			[[ ${{COMP_WORDS[i]}} == "=" ]] && ((i++))
			;;
		-*) ;;
		*) return ;;
		esac
	done
	COMPREPLY=($(compgen -W '{words}' -- "$cur"))
"""


def bash_pattern(o):
    """As it stands in a case: -f, --file, and -f behind other letters."""
    names = list(o.names)
    if o.letter:
        names.append(f"-[!-]*{o.letter}")
    return "|".join(names)


def bash_case(p, o):
    kind, _, words = o.offers.partition(" ")
    if kind in p.lists:
        kind, words = "list", " ".join(p.lists[kind])
    return f"\t{bash_pattern(o)})\n" + BASH_OFFERS[kind].format(
        words=words) + "\t\t;;\n"


def bash(p):
    names = " ".join(n for o in p.options for n in o.names)
    if p.commands:
        operands = BASH_COMMAND.format(
            skip="|".join(n for o in p.options if o.value for n in o.names),
            words=" ".join(c[0] for c in p.commands))
    elif p.operands == "file":
        operands = BASH_OFFERS[p.operands].replace("\t\t", "\t").replace(
            "\treturn\n", "")
    else:
        operands = ""
    return BASH.format(
        name=p.name, id=p.name.replace("-", "_"), names=names,
        values="".join(bash_case(p, o) for o in p.options if o.value),
        operands=operands)


# zsh: _arguments has nearly this table.

def zsh_quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_help(text):
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


def zsh_action(p, o):
    kind, _, words = o.offers.partition(" ")
    if kind == "file":
        return ":_files"
    if kind == "words":
        # _values would take a colon for the end of a word.
        return ":(" + words.replace(":", "\\:") + ")"
    if kind in p.lists:
        return ":_sequence compadd - " + " ".join(p.lists[kind])
    return ": "


def zsh_option(p, o):
    both = "(" + " ".join(o.names) + ")" if len(o.names) > 1 else ""
    value = f":{zsh_help(o.value)}{zsh_action(p, o)}" if o.value else ""
    return [zsh_quote(
        both + name + ("" if not o.value else "=" if name[1] == "-" else "+")
        + f"[{zsh_help(o.help)}]{value}") for name in o.names]


def zsh(p):
    lines = [line for o in p.options for line in zsh_option(p, o)]
    if p.commands:
        words = " ".join(f"{word}\\:{zsh_quote_word(text)}"
                         for word, _, text in p.commands)
        lines += [zsh_quote(f"1:word:(({words}))"), zsh_quote("2:address: ")]
    elif p.operands == "file":
        lines.append(zsh_quote("*:file:_files"))
    return (f"#compdef {p.name}\n# Made from its table of options.\n\n"
            "_arguments -s \\\n\t" + " \\\n\t".join(lines) + "\n")


def zsh_quote_word(text):
    return '"' + re.sub(r'(["\\$`:])', r"\\\1", text) + '"'


# fish: a line for each.

def fish_quote(text):
    return "'" + re.sub(r"(['\\])", r"\\\1", text) + "'"


def fish_option(p, o):
    line = f"complete -c {p.name}"
    if o.letter:
        line += f" -s {o.letter}"
    if o.word:
        line += f" -l {o.word}"
    kind, _, words = o.offers.partition(" ")
    if o.value and kind == "file":
        line += " -rF"
    elif o.value:
        line += " -x"
    if kind == "words":
        line += f" -a {fish_quote(words)}"
    elif kind in p.lists:
        line += " -a " + fish_quote("(__fish_append , " +
                                    " ".join(p.lists[kind]) + ")")
    return line + f" -d {fish_quote(o.help)}"


def fish(p):
    lines = [f"# Completion for {p.name}; made from its table of options."]
    if p.operands != "file":
        lines.append(f"complete -c {p.name} -f")
    none = fish_quote("not __fish_seen_subcommand_from " +
                      " ".join(c[0] for c in p.commands))
    for word, _, text in p.commands:
        lines.append(f"complete -c {p.name} -n {none} -a {word} "
                     f"-d {fish_quote(text)}")
    return "\n".join(lines + [fish_option(p, o) for o in p.options]) + "\n"


def main():
    name, operands, table, names, *rest = sys.argv[1:]
    lists, words = {"columns": columns(names)}, []
    while rest[0].endswith(".def"):
        path = rest.pop(0)
        what = os.path.basename(path)
        if what == "key.def":
            # "other" has elements, and is no key.
            lists["keys"] = words_of(path, "KEY", "PAIR", "INTERFACE") + [
                name for name in lists["columns"] if name != "other"]
        elif what == "measure.def":
            lists["measures"] = words_of(path, "MEASURE")
        else:
            words = commands(path)
    p = Program(name, operands, options(table), lists, words)
    for out in rest:
        base = os.path.basename(out)
        make = fish if base.endswith(".fish") else \
            zsh if base.startswith("_") else bash
        with open(out, "w", encoding="utf-8") as f:
            f.write(make(p))


if __name__ == "__main__":
    main()
