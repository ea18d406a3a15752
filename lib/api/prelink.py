"""Link static libraries to one object, and make a library of that.

    prelink.py --cc CC... --map MAP --out LIBRARY [FILE...] ARCHIVE...

Only what the names listed in the map need is taken, and only these stay global:
the static library has no other names, as the shared one has no others. Files
that are no archives are passed over.
"""
import argparse
import os
import re
import subprocess
import tempfile


def names(path):
    """The names of a version script."""
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.DOTALL)
    return [name for name in re.findall(r"(\w+);", text)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", nargs="+", required=True)
    parser.add_argument("--map", required=True)
    parser.add_argument("--out", required=True)
    args, files = parser.parse_known_args()
    # --cc takes all that is behind it up to the next option.
    archives = [f for f in files if f.endswith(".a")]
    keep = names(args.map)
    with tempfile.TemporaryDirectory() as folder:
        whole = os.path.join(folder, "libflowd.o")
        listed = os.path.join(folder, "names")
        with open(listed, "w", encoding="utf-8") as f:
            f.write("\n".join(keep) + "\n")
        subprocess.run([*args.cc, "-r", "-nostdlib", "-o", whole,
                        *(f"-Wl,-u,{name}" for name in keep),
                        "-Wl,--start-group", *archives, "-Wl,--end-group"],
                       check=True)
        subprocess.run(["objcopy", f"--keep-global-symbols={listed}", whole],
                       check=True)
        if os.path.exists(args.out):
            os.unlink(args.out)
        subprocess.run(["ar", "crs", args.out, whole], check=True)


main()
