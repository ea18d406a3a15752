"""Seeds for fuzz_decode: the datagrams of test/scenarios, as the target reads
them. Run from the top of the tree: python3 fuzz/seed.py
"""
import os
import struct
import sys

sys.path.insert(0, "test")
import scenario  # noqa: E402

OUT = "fuzz/corpus/decode"
os.makedirs(OUT, exist_ok=True)
for file in sorted(os.listdir("test/scenarios")):
    datagrams = scenario.parse(os.path.join("test/scenarios", file))[0]
    with open(os.path.join(OUT, file[:-4]), "wb") as f:
        for _, _, port, payload in datagrams:
            f.write(struct.pack("!HB", len(payload), port << 3 & 0xf8 | 1))
            f.write(payload)
