"""The reference that the golden files are made from: the published weights, in f32, with numpy alone.

    python -m venv venv && venv/bin/pip install numpy tokenizers
    venv/bin/python minilm/reference/reference.py MODEL_FOLDER

MODEL_FOLDER holds `model.safetensors` and `vocab.txt` of all-MiniLM-L6-v2, as `minilm/README.md` says.
Token ids come from the `tokenizers` package, so that the tokenizer of the crate is held against
another's. Reads `golden/texts.json`, writes `golden/ids.json` and `golden/vectors.f16`: for each text
384 little-endian half floats (a rounding that leaves the cosine as it is to seven digits).
"""

import hashlib
import json
import math
import struct
import sys
from pathlib import Path

import numpy as np
from tokenizers import BertWordPieceTokenizer

WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
GOLDEN = Path(__file__).resolve().parent.parent / "golden"
LAYERS, HEADS, WIDTH, MOST_TOKENS = 6, 12, 384, 256


def tensors(path):
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != WEIGHTS:
        sys.exit("these are other weights than the golden files are made from")
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    found = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        start, end = (8 + length + at for at in entry["data_offsets"])
        found[name] = np.frombuffer(data[start:end], "<f4").reshape(entry["shape"])
    return found


def normalise(x, weights, name):
    mean = x.mean(-1, keepdims=True)
    spread = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(spread + 1e-12) * weights[name + ".weight"] + weights[name + ".bias"]


def linear(x, weights, name):
    return x @ weights[name + ".weight"].T + weights[name + ".bias"]


erf = np.vectorize(math.erf, otypes=[np.float32])


def gelu(x):
    return x * 0.5 * (1 + erf(x / np.float32(math.sqrt(2))))


def heads(x):
    return x.reshape(len(x), HEADS, WIDTH // HEADS).transpose(1, 0, 2)


def embed(ids, w):
    x = w["embeddings.word_embeddings.weight"][ids]
    x = x + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = normalise(x + w["embeddings.token_type_embeddings.weight"][0], w, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        q, k, v = (heads(linear(x, w, f"{name}attention.self.{part}")) for part in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / np.float32(math.sqrt(WIDTH // HEADS))
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ v
        mixed = mixed.transpose(1, 0, 2).reshape(len(ids), WIDTH)
        x = normalise(x + linear(mixed, w, name + "attention.output.dense"), w, name + "attention.output.LayerNorm")
        inner = gelu(linear(x, w, name + "intermediate.dense"))
        x = normalise(x + linear(inner, w, name + "output.dense"), w, name + "output.LayerNorm")
    pooled = x.mean(0)
    return pooled / np.linalg.norm(pooled)


def main():
    folder = Path(sys.argv[1])
    weights = tensors(folder / "model.safetensors")
    tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True)
    tokenizer.enable_truncation(MOST_TOKENS)
    texts = json.loads((GOLDEN / "texts.json").read_text(encoding="utf-8"))
    ids = [tokenizer.encode(text).ids for text in texts]
    vectors = np.stack([embed(each, weights) for each in ids])
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in ids)
    (GOLDEN / "ids.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    (GOLDEN / "vectors.f16").write_bytes(vectors.astype("<f2").tobytes())
    print(f"{len(texts)} texts, {sum(map(len, ids))} tokens")


if __name__ == "__main__":
    main()
