#!/usr/bin/env python3
"""Runs what `tconv code` writes and compares it with `tconv apply` on the same arrays.

Usage: code_run_test.py TCONV. Exits with 77, which ctest shows as skipped, where numpy is missing. PyTorch itself runs
its scripts where it is installed. Otherwise, and for the other frameworks, stand-ins do: a few lines of numpy below,
each written from what the framework documents and not from the scripts. With TCONV_REAL_FRAMEWORKS=1 every framework
that is installed runs its own scripts.
"""

import contextlib
import importlib
import io
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import types
import unittest
import unittest.mock

try:
    import numpy as np
except ImportError:
    # The system's own Python may have what one that a version manager puts before it lacks.
    if sys.executable != "/usr/bin/python3" and os.access("/usr/bin/python3", os.X_OK):
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    print("skipped: numpy is not installed")
    sys.exit(77)

TCONV = ""
FRAMEWORKS = ["pytorch", "keras", "jax", "onnx"]
SEED = int(os.environ.get("TCONV_TEST_SEED", "20161017"))


# ---- stand-ins


def stamps(x, w, stride, dilation):
    """x (N, C_in, spatial), w (C_in, C_out, spatial): the sum of all stamps, (I-1)*S + D*(K-1) + 1 cells an axis."""
    sizes = [(i - 1) * s + d * (k - 1) + 1 for i, k, s, d in zip(x.shape[2:], w.shape[2:], stride, dilation)]
    y = np.zeros(x.shape[:1] + w.shape[1:2] + tuple(sizes), np.float64)
    for tap in itertools.product(*map(range, w.shape[2:])):
        where = tuple(slice(t * d, t * d + (i - 1) * s + 1, s)
                      for t, d, i, s in zip(tap, dilation, x.shape[2:], stride))
        y[(slice(None), slice(None)) + where] += np.einsum("nc...,co->no...", x, w[(slice(None), slice(None)) + tap])
    return y


def window(y, begins, sizes):
    """Cells begin … begin+size-1 of each spatial axis, zeros where there are none."""
    behind = [max(0, b + n - have) for b, n, have in zip(begins, sizes, y.shape[2:])]
    y = np.pad(y, [(0, 0), (0, 0)] + [(0, n) for n in behind])
    return y[(slice(None), slice(None)) + tuple(slice(b, b + n) for b, n in zip(begins, sizes))]


def with_bias(y, b):
    return y if b is None else y + np.reshape(b, (1, -1) + (1,) * (y.ndim - 2))


def as_tuple(value, dims):
    return (value,) * dims if isinstance(value, int) else tuple(value)


class TorchTensor:
    def __init__(self, array):
        self.array = array

    def numpy(self):
        return self.array

    def copy_(self, other):
        assert self.array.shape == other.array.shape, (self.array.shape, other.array.shape)
        self.array[...] = other.array


class TorchLayer:
    def __init__(self, dims, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True, dilation=1):
        self.stride, self.padding, self.output_padding, self.dilation = (
            as_tuple(v, dims) for v in (stride, padding, output_padding, dilation))
        assert all(o < max(s, d) for o, s, d in zip(self.output_padding, self.stride, self.dilation))
        self.groups = groups
        self.weight = TorchTensor(np.zeros((in_channels, out_channels // groups) + as_tuple(kernel_size, dims), "f4"))
        self.bias = TorchTensor(np.zeros(out_channels, "f4")) if bias else None

    def __call__(self, x):
        parts = [stamps(a, w, self.stride, self.dilation) for a, w in
                 zip(np.split(x.array, self.groups, 1), np.split(self.weight.array, self.groups))]
        y = np.concatenate(parts, 1)
        sizes = [n - 2 * p + o for n, p, o in zip(y.shape[2:], self.padding, self.output_padding)]
        y = window(y, self.padding, sizes)
        return TorchTensor(with_bias(y, self.bias and self.bias.array).astype("f4"))


def torch_stand_in():
    torch = types.ModuleType("torch")
    torch.nn = types.ModuleType("torch.nn")
    torch.from_numpy = TorchTensor
    torch.no_grad = contextlib.nullcontext
    for dims in (1, 2, 3):
        setattr(torch.nn, f"ConvTranspose{dims}d", lambda *a, dims=dims, **k: TorchLayer(dims, *a, **k))
    return {"torch": torch, "torch.nn": torch.nn}


class KerasLayer:
    """Keras 3: "valid" makes (I-1)*S + max(K, S) cells, "same" I*S, cropped by max(K-S, 0), the smaller half first."""

    def __init__(self, dims, filters, kernel_size, strides, padding, data_format, use_bias, dilation_rate=1):
        assert data_format == "channels_last" and padding in ("valid", "same")
        self.kernel_size, self.strides, self.dilation = (
            as_tuple(v, dims) for v in (kernel_size, strides, dilation_rate))
        if max(self.strides) > 1 and max(self.dilation) > 1:
            raise ValueError("`strides > 1` not supported in conjunction with `dilation_rate > 1`")
        self.filters, self.same, self.use_bias = filters, padding == "same", use_bias

    def build(self, shape):
        self.shapes = [self.kernel_size + (self.filters, shape[-1])] + [(self.filters,)] * self.use_bias

    def set_weights(self, weights):
        assert [w.shape for w in weights] == self.shapes, ([w.shape for w in weights], self.shapes)
        self.kernel, self.bias = weights[0], weights[1] if self.use_bias else None

    def __call__(self, x):
        x = np.moveaxis(x, -1, 1)
        dims = x.ndim - 2
        y = stamps(x, np.moveaxis(self.kernel, (-1, -2), (0, 1)), self.strides, self.dilation)
        reach = [d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation)]
        if self.same:
            begins = [max(r - s, 0) // 2 for r, s in zip(reach, self.strides)]
            # Backends differ in these: no script may depend on them.
            assert all(r <= s or (r - s) % 2 == 0 for r, s in zip(reach, self.strides))
            sizes = [i * s for i, s in zip(x.shape[2:], self.strides)]
        else:
            begins = [0] * dims
            sizes = [(i - 1) * s + max(r, s) for i, s, r in zip(x.shape[2:], self.strides, reach)]
        return np.moveaxis(with_bias(window(y, begins, sizes), self.bias).astype("f4"), 1, -1)


def keras_stand_in():
    keras = types.ModuleType("keras")
    keras.layers = types.SimpleNamespace()
    keras.ops = types.SimpleNamespace(convert_to_numpy=np.asarray)
    for dims in (1, 2, 3):
        setattr(keras.layers, f"Conv{dims}DTranspose", lambda *a, dims=dims, **k: KerasLayer(dims, *a, **k))
    return {"keras": keras}


def conv_general_dilated(lhs, rhs, window_strides, padding, lhs_dilation, rhs_dilation, dimension_numbers,
                         feature_group_count):
    """A correlation of the dilated, then padded (or cropped) lhs (N, C, …) with the dilated rhs (O, I, …)."""
    dims = lhs.ndim - 2
    spatial = {1: "W", 2: "HW", 3: "DHW"}[dims]
    assert dimension_numbers == ("NC" + spatial, "OI" + spatial, "NC" + spatial) and set(window_strides) == {1}
    assert rhs.shape[1] * feature_group_count == lhs.shape[1] and rhs.shape[0] % feature_group_count == 0
    spread = np.zeros(lhs.shape[:2] + tuple((n - 1) * s + 1 for n, s in zip(lhs.shape[2:], lhs_dilation)))
    spread[(slice(None), slice(None)) + tuple(slice(None, None, s) for s in lhs_dilation)] = lhs
    spread = np.pad(spread, [(0, 0), (0, 0)] + [(max(lo, 0), max(hi, 0)) for lo, hi in padding])
    spread = spread[(slice(None), slice(None)) + tuple(
        slice(max(-lo, 0), n - max(-hi, 0)) for (lo, hi), n in zip(padding, spread.shape[2:]))]
    sizes = [n - d * (k - 1) for n, d, k in zip(spread.shape[2:], rhs_dilation, rhs.shape[2:])]
    parts = []
    for a, w in zip(np.split(spread, feature_group_count, 1), np.split(rhs, feature_group_count)):
        y = np.zeros(lhs.shape[:1] + w.shape[:1] + tuple(sizes))
        for tap in itertools.product(*map(range, w.shape[2:])):
            where = tuple(slice(t * d, t * d + n) for t, d, n in zip(tap, rhs_dilation, sizes))
            y += np.einsum("nc...,oc->no...", a[(slice(None), slice(None)) + where],
                           w[(slice(None), slice(None)) + tap])
        parts.append(y)
    return np.concatenate(parts, 1).astype("f4")


def jax_stand_in():
    jax = types.ModuleType("jax")
    jax.lax = types.ModuleType("jax.lax")
    jax.lax.conv_general_dilated = conv_general_dilated
    return {"jax": jax, "jax.lax": jax.lax}


class OnnxEvaluator:
    def __init__(self, model):
        self.graph = model

    def run(self, outputs, arrays):
        assert outputs is None
        [node] = self.graph.nodes
        names = {name: shape for name, shape in self.graph.inputs}
        assert names == {name: a.shape for name, a in arrays.items()} and node.outputs == ["y"]
        x, w, *b = (arrays[name] for name in node.inputs)
        a = node.attributes
        dims = x.ndim - 2
        assert set(a) == {"kernel_shape", "strides", "pads", "output_padding", "dilations", "group"}
        assert tuple(a["kernel_shape"]) == w.shape[2:] and len(a["pads"]) == 2 * dims
        # What the true one computes wrongly, or refuses:
        assert a["group"] == 1 and all(o < s for o, s in zip(a["output_padding"], a["strides"]))
        y = stamps(x, w, a["strides"], a["dilations"])
        begins, ends = a["pads"][:dims], a["pads"][dims:]
        sizes = [n - p - q + o for n, p, q, o in zip(y.shape[2:], begins, ends, a["output_padding"])]
        return [with_bias(window(y, begins, sizes), b[0] if b else None).astype("f4")]


def onnx_stand_in():
    onnx = types.ModuleType("onnx")
    onnx.TensorProto = types.SimpleNamespace(FLOAT=1)
    onnx.helper = types.SimpleNamespace(
        make_node=lambda op, inputs, outputs, **attributes: types.SimpleNamespace(
            inputs=inputs, outputs=outputs, attributes=attributes, op={"ConvTranspose": True}[op]),
        make_tensor_value_info=lambda name, kind, shape: (name, shape),
        make_graph=lambda nodes, name, inputs, outputs: types.SimpleNamespace(nodes=nodes, inputs=inputs),
        make_opsetid=lambda domain, version: (domain, version),
        make_model=lambda graph, opset_imports: graph)
    onnx.reference = types.ModuleType("onnx.reference")
    onnx.reference.ReferenceEvaluator = OnnxEvaluator
    return {"onnx": onnx, "onnx.reference": onnx.reference}


STAND_INS = {"pytorch": ("torch", torch_stand_in), "keras": ("keras", keras_stand_in), "jax": ("jax", jax_stand_in),
             "onnx": ("onnx.reference", onnx_stand_in)}


def modules_for(framework):
    """The stand-ins to put in place; none where the framework itself shall run."""
    name, make = STAND_INS[framework]
    if framework == "pytorch" or os.environ.get("TCONV_REAL_FRAMEWORKS"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
            return {}
    return make()


# ---- scenarios


def random_layer(rng):
    """A small legal layer as a scenario file has it."""
    while True:
        dims = rng.choice([1, 2, 2, 3])
        axes = [dict(input=rng.randint(1, 4), kernel=rng.randint(1, 4), stride=rng.randint(1, 4),
                     padding_begin=rng.randint(0, 3), padding_end=rng.randint(0, 3), dilation=rng.randint(1, 3))
                for _ in range(dims)]
        for a in axes:
            a["output_padding"] = rng.randint(0, max(a["stride"], a["dilation"]) - 1)
            if rng.random() < 0.3:
                a["dilation"] = 1
                a["output_padding"] = min(a["output_padding"], a["stride"] - 1)
        sizes = [(a["input"] - 1) * a["stride"] - a["padding_begin"] - a["padding_end"] +
                 a["dilation"] * (a["kernel"] - 1) + a["output_padding"] + 1 for a in axes]
        if min(sizes) >= 1:
            break
    groups = rng.randint(1, 3)
    layer = {key: [a[key] for a in axes] for key in axes[0]}
    layer.update(dims=dims, batch=rng.randint(1, 2), groups=groups, in_channels=groups * rng.randint(1, 2),
                 out_channels=groups * rng.randint(1, 2), bias=rng.random() < 0.5)
    return layer


def scenario_of(layer):
    return {"format": "tconv-scenario", "version": 1, "layer": layer, "input": {"pattern": "counting"},
            "kernel": {"pattern": "random", "seed": 3}, "bias": {"pattern": "counting"}}


def same_layer(rng):
    """One that Keras' padding="same" makes."""
    kernel, stride = rng.choice([(4, 2), (3, 1), (2, 2), (5, 3), (1, 3), (2, 3), (1, 1)])
    return {"dims": 2, "input": [3, 2], "kernel": kernel, "stride": stride, "padding": max(kernel - stride, 0) // 2,
            "output_padding": max(stride - kernel, 0), "in_channels": 2, "out_channels": 3}


class Code(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def tconv(self, *arguments):
        return subprocess.run([TCONV, *arguments], check=True, capture_output=True, text=True).stdout

    def applied(self, layer, arrays):
        flags = []
        for key in ("stride", "padding_begin", "padding_end", "output_padding", "dilation"):
            flags += ["--" + key.replace("_", "-"), ",".join(map(str, as_tuple(layer[key], layer["dims"])))]
        for name, array in arrays.items():
            np.save(self.path(name + ".npy"), array)
            flags += ["--" + {"x": "input", "w": "weight", "b": "bias"}[name], self.path(name + ".npy")]
        self.tconv("apply", *flags, "--groups", str(layer["groups"]), "--output", self.path("y.npy"))
        return np.load(self.path("y.npy"))

    def check(self, scenario, layer):
        full = {"padding": 0, "output_padding": 0, "dilation": 1, "groups": 1, "stride": 1, "dims": 2, **layer}
        full.setdefault("padding_begin", full["padding"])
        full.setdefault("padding_end", full["padding"])
        expected = None
        for framework in FRAMEWORKS:
            with self.subTest(framework=framework, scenario=scenario, layer=layer, seed=SEED):
                text = self.tconv("code", "--framework", framework, scenario)
                code = compile(text, framework, "exec")
                names = {"__name__": "__main__"}
                printed = io.StringIO()
                with unittest.mock.patch.dict(sys.modules, modules_for(framework)), \
                        contextlib.redirect_stdout(printed):
                    exec(code, names)
                if expected is None:
                    expected = self.applied(full, {n: names[n] for n in ("x", "w", "b") if n in names})
                y = names["y"]
                self.assertIsInstance(y, np.ndarray)
                self.assertEqual(printed.getvalue(), f"{expected.shape}\n")
                np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)

    def check_layers(self, layers):
        for layer in layers:
            with open(self.path("s.tconv.json"), "w") as file:
                json.dump(scenario_of(layer), file)
            self.check(self.path("s.tconv.json"), layer)

    def test_the_built_in_scenarios(self):
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "assets", "scenarios")
        files = sorted(name for name in os.listdir(folder) if name.endswith(".tconv.json"))
        self.assertGreater(len(files), 5)
        for name in files:
            with open(os.path.join(folder, name)) as file:
                self.check(name.removesuffix(".tconv.json"), json.load(file)["layer"])

    def test_random_layers(self):
        rng = random.Random(SEED)
        self.check_layers(random_layer(rng) for _ in range(40))

    def test_layers_that_keras_calls_same(self):
        rng = random.Random(SEED)
        self.check_layers(same_layer(rng) for _ in range(6))

    def test_more_numbers_than_stand_in_a_script(self):
        self.check_layers([{"dims": 2, "input": 9, "kernel": 4, "stride": 2, "in_channels": 4, "out_channels": 6,
                            "groups": 2, "bias": True}])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    TCONV = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
