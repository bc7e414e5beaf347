"""The rules of the tree that a compiler does not check: which file may include what, how long a file may be, that the
list of features is the folder of features. `rules.py ROOT RULE` prints what breaks a rule and exits with 1.

The table of layers stands here once more, on purpose apart from CMakeLists.txt: who moves an arrow there is asked here.
"""

import pathlib
import re
import sys

BELOW = {
    "base": "",
    "xml": "base",
    "net": "base",
    "http": "net base",
    "xmpp": "xml base",
    "sasl": "xmpp xml base",
    "store": "xmpp xml base",
    "store_rocksdb": "store xmpp xml base",
    "stream": "http net sasl xmpp xml base",
    "route": "stream store http net sasl xmpp xml base",
    "feature": "route store xmpp xml base",
    "admin": "route store xmpp xml base",
    "sim": "net store xmpp xml base",
    "server": "admin feature route stream store_rocksdb store sasl http net xmpp xml base",
}
BELOW = {layer: set(below.split()) for layer, below in BELOW.items()}

# Library: how its headers begin, and the files of ours that may see them. Never a header.
LIBRARIES = {
    "Asio, Beast": (r"boost/", r"src/(net|http)/[^/]*\.cpp"),
    "OpenSSL": (r"openssl/", r"src/(net|sasl)/[^/]*\.cpp|bench/.*"),
    "ICU": (r"unicode/", r"src/xmpp/[^/]*\.cpp"),
    "RocksDB": (r"rocksdb/", r"src/store_rocksdb/.*\.cpp|bench/micro/.*\.cpp"),
    "spdlog": (r"spdlog/", r"src/base/log\.cpp"),
    "toml++": (r"toml\+\+/", r"src/server/config_file\.cpp"),
    "CLI11": (r"CLI/", r"src/server/command_line\.cpp|bench/load/main\.cpp"),
    "nlohmann-json": (r"nlohmann/", r"src/(server|admin)/[^/]*\.cpp"),
    "wslay": (r"wslay/", r"src/http/[^/]*\.cpp"),
    "expat": (r"expat", r"tests/fuzz/.*\.cpp"),
    "curl": (r"curl/", r"src/net/[^/]*\.cpp"),
    "unbound": (r"unbound", r"src/net/[^/]*\.cpp"),
    "libpq": (r"libpq|postgresql/", r"src/store_postgres/.*\.cpp"),
    "NATS": (r"nats", r"src/cluster/[^/]*\.cpp"),
    "GoogleTest": (r"g(test|mock)/", r".*"),
    "Google Benchmark": (r"benchmark/", r"bench/.*\.cpp"),
}
# One library that is mostly templates costs seconds for each file that sees it.
MOST_FILES = {"nlohmann-json": 2, "wslay": 2, "curl": 2, "unbound": 2, "NATS": 2}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
MOST_LINES = 800
MOST_LINES_OF_A_TEST = 1200


def sources(root):
    for folder in ("src", "tests", "bench", "cmake"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cpp", ".cc", ".def"):
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def includes(root):
    """File, line number, '<' or '"', what is included."""
    for name, text in sources(root):
        for found in INCLUDE.finditer(text):
            yield name, text.count("\n", 0, found.start(2)) + 1, found.group(1), found.group(2)


def is_test(name):
    return name.startswith("tests/") or name.endswith("_test.cpp") or "/testing/" in name or "/contract/" in name


def arrows(root):
    """An include of ours names its layer, and the layer is the file's own or below it."""
    for name, line, kind, what in includes(root):
        parts = name.split("/")
        if parts[0] != "src" or kind != '"':
            continue
        layer, target = parts[1], what.split("/")[0]
        if layer not in BELOW:
            yield f"{name}:{line}: {layer} is not in the table of layers"
        elif "/" not in what or target in (".", ".."):
            yield f'{name}:{line}: "{what}" does not begin with a layer'
        elif target != layer and target not in BELOW[layer]:
            yield f"{name}:{line}: {layer} may not include {what}"


def features_apart(root):
    """Features never include each other: what two share moves down."""
    for name, line, kind, what in includes(root):
        if not re.fullmatch(r"src/feature/.*\.(cpp|h)", name) or not what.startswith("feature/"):
            continue
        own = re.split(r"[/.]", what)[1]
        if own not in ("all", "testing") and not re.match(rf"src/feature/{re.escape(own)}(_test)?[/.]", name):
            yield f"{name}:{line}: a feature includes {what}"


def libraries(root):
    """Each library is seen by few files, and by no header of ours."""
    seen = {}
    for name, line, _, what in includes(root):
        for library, (begin, allowed) in LIBRARIES.items():
            if not re.match(begin, what):
                continue
            # The load generator is a program of its own: the server never sees its headers.
            if name.endswith(".h") and not name.startswith("bench/") and not (library == "GoogleTest" and is_test(name)):
                yield f"{name}:{line}: a header includes <{what}> of {library}"
            elif not re.fullmatch(allowed, name):
                yield f"{name}:{line}: this file may not see {library}"
            elif library == "GoogleTest" and not is_test(name):
                yield f"{name}:{line}: {library} in a file that is no test"
            else:
                seen.setdefault(library, set()).add(name)
    for library, most in MOST_FILES.items():
        if len(seen.get(library, ())) > most:
            yield f"{library} is seen by more than {most} files: {' '.join(sorted(seen[library]))}"


def length(root):
    """A file that nobody reads in one go is two files."""
    for name, text in sources(root):
        most = MOST_LINES_OF_A_TEST if is_test(name) else MOST_LINES
        if text.count("\n") > most:
            yield f"{name}: {text.count(chr(10))} lines, more than {most}"


def features_listed(root):
    """Each line of all.def is a file or folder of src/feature, each of these is a line, none stands twice."""
    folder = root / "src/feature"
    if not folder.is_dir():
        return
    listed = re.findall(r"^FEATURE\((\w+)\)", (folder / "all.def").read_text(), re.MULTILINE)
    there = {path.stem for path in folder.iterdir() if path.suffix == ".cpp" and not path.name.endswith("_test.cpp")}
    there |= {path.name for path in folder.iterdir() if path.is_dir() and path.name != "testing"}
    there -= {"all"}
    for name in sorted(set(listed) - there):
        yield f"all.def names {name}, but there is no src/feature/{name}.cpp"
    for name in sorted(there - set(listed)):
        yield f"src/feature/{name} is not in all.def"
    for name in sorted({name for name in listed if listed.count(name) > 1}):
        yield f"all.def names {name} twice"


RULES = {rule.__name__: rule for rule in (arrows, features_apart, libraries, length, features_listed)}


def main():
    root, rule = pathlib.Path(sys.argv[1]), sys.argv[2]
    broken = list(RULES[rule](root))
    print("\n".join(broken) or f"{rule}: kept by {sum(1 for _ in sources(root))} files")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
