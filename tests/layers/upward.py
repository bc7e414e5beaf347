"""Files that must not compile: with the include root of a layer, a header of a layer that is not below it is not found.
Each layer's own headers are found, so that a missing root does not pass as a success.

    upward.py ROOT BUILD COMPILER
"""

import concurrent.futures
import pathlib
import subprocess
import sys

import rules


def header_of(root, layer):
    return next((path.relative_to(root / "src").as_posix() for path in sorted((root / "src" / layer).rglob("*.h"))), None)


def found(compiler, include_root, header):
    """None: it failed in some other way than by not being found."""
    done = subprocess.run(
        [compiler, "-std=c++23", "-x", "c++", "-fsyntax-only", f"-I{include_root}", "-"],
        input=f'#include "{header}"\n',
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        return True
    return False if f"'{header}' file not found" in done.stderr else None


def main():
    root, build, compiler = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    layers = {layer: header_of(root, layer) for layer in rules.BELOW if (root / "src" / layer).is_dir()}
    layers = {layer: header for layer, header in layers.items() if header}
    cases = [
        (layer, other, other == layer)
        for layer in layers
        for other in layers
        if other == layer or other not in rules.BELOW[layer]
    ]

    def judge(case):
        layer, other, expected = case
        got = found(compiler, build / "include" / layer, layers[other])
        return None if got == expected else f"{layer} includes {layers[other]}: found is {got}, should be {expected}"

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = [text for text in pool.map(judge, cases) if text]
    print("\n".join(wrong) or f"{len(cases)} includes judged, {len(layers)} layers")
    return 1 if wrong or len(layers) < 8 else 0


if __name__ == "__main__":
    sys.exit(main())
