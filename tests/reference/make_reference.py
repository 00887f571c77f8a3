#!/usr/bin/env python3
"""What PyTorch answers for random transposed convolutions and their relatives: the truth the tests compare with.

    make_reference.py write DIR   generate a case table and all its archives anew, into an empty or missing folder
    make_reference.py check DIR   recompute every stored answer from the stored inputs; exit 1 on a mismatch

Needs python3 with numpy and PyTorch (Debian: python3-torch). Everything runs on the CPU.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

SEED = 2016
CONV_TRANSPOSE_CASES = 60
# Sums of a few thousand float32 products differ between builds of PyTorch by their order of addition. The bound is
# relative to the largest value of an array: single elements may come near zero by cancellation.
TOLERANCE = 1e-5
# Longer messages of PyTorch go on to repeat the whole layer.
MESSAGE_LENGTH = 160

CONV_TRANSPOSE = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
LARGEST_KERNEL = {1: 7, 2: 5, 3: 3}
LARGEST_STRIDE = {1: 4, 2: 4, 3: 3}
LARGEST_DILATION = {1: 3, 2: 3, 3: 2}
LARGEST_INPUT = {1: 17, 2: 9, 3: 5}

# Each breaks one rule of PyTorch.
BAD_LAYERS = [
    {"kernel": [3], "stride": [2], "padding": [1], "output_padding": [2], "dilation": [1], "input": [4]},
    {"kernel": [3], "stride": [0], "padding": [0], "output_padding": [0], "dilation": [1], "input": [4]},
    {"kernel": [3], "stride": [1], "padding": [5], "output_padding": [0], "dilation": [1], "input": [3]},
    {"kernel": [0], "stride": [1], "padding": [0], "output_padding": [0], "dilation": [1], "input": [3]},
    {"kernel": [3], "stride": [1], "padding": [-1], "output_padding": [0], "dilation": [1], "input": [3]},
    {"kernel": [3], "stride": [2], "padding": [0], "output_padding": [0], "dilation": [0], "input": [3]},
]


# ---- PyTorch's answers ------------------------------------------------------------------------------------------


def layer_options(case):
    return {key: tuple(case[key]) for key in ("stride", "padding", "output_padding", "dilation")}


def answer_conv_transpose(case, inputs):
    """y, and the gradients of sum(y * g) with respect to x, w and (where there is one) b."""
    leaves = {key: torch.from_numpy(inputs[key]).requires_grad_() for key in ("x", "w", "b") if key in inputs}
    y = CONV_TRANSPOSE[case["dims"]](
        leaves["x"], leaves["w"], leaves.get("b"), groups=case["groups"], **layer_options(case)
    )
    y.backward(torch.from_numpy(inputs["g"]))
    answers = {"y": y.detach().numpy(), "gx": leaves["x"].grad.numpy(), "gw": leaves["w"].grad.numpy()}
    if "b" in leaves:
        answers["gb"] = leaves["b"].grad.numpy()
    return answers


def answer_pixel_shuffle(case, inputs):
    return {"y": F.pixel_shuffle(torch.from_numpy(inputs["x"]), case["factor"]).numpy()}


def answer_upsample(case, inputs):
    # PyTorch refuses align_corners, even False, where it means nothing.
    corners = case["align_corners"] if case["mode"] == "bilinear" else None
    x = torch.from_numpy(inputs["x"])
    return {"y": F.interpolate(x, scale_factor=case["factor"], mode=case["mode"], align_corners=corners).numpy()}


ANSWER = {"conv_transpose": answer_conv_transpose, "pixel_shuffle": answer_pixel_shuffle, "upsample": answer_upsample}
INPUTS = {"conv_transpose": ("x", "w", "b", "g"), "pixel_shuffle": ("x",), "upsample": ("x",)}


def answer_bad_layer(bad):
    x = torch.ones([1, 1] + bad["input"])
    w = torch.ones([1, 1] + bad["kernel"])
    try:
        y = CONV_TRANSPOSE[len(bad["input"])](x, w, **layer_options(bad))
    except (RuntimeError, ValueError) as error:
        return "refuses: " + str(error)[:MESSAGE_LENGTH]
    return "accepts: output " + str(list(y.shape[2:]))


# ---- write ------------------------------------------------------------------------------------------------------


def output_extent(i, k, s, p, op, d):
    return (i - 1) * s - 2 * p + d * (k - 1) + op + 1


def draw_axis(random, dims):
    """One axis of a legal layer: (input, kernel, stride, padding, output padding, dilation, output)."""
    while True:
        i = random.randint(1, LARGEST_INPUT[dims] + 1)
        k = random.randint(1, LARGEST_KERNEL[dims] + 1)
        s = random.randint(1, LARGEST_STRIDE[dims] + 1)
        d = random.randint(1, LARGEST_DILATION[dims] + 1)
        # PyTorch takes a padding beyond D(K-1), which crops input pixels away, and an output padding that the
        # dilation alone allows: both are in, being what implementations get wrong.
        p = random.randint(0, d * (k - 1) + 2)
        op = random.randint(0, max(s, d))
        o = output_extent(i, k, s, p, op, d)
        if o >= 1:
            return i, k, s, p, op, d, o


def draw_values(random, shape, integer):
    values = random.randint(-4, 5, size=shape) if integer else random.standard_normal(size=shape)
    return np.asarray(values, dtype=np.float32)


def draw_conv_transpose(random, index):
    dims = int(random.choice([1, 2, 3], p=[0.3, 0.55, 0.15]))
    groups = random.randint(1, 4)
    axes = [draw_axis(random, dims) for _ in range(dims)]
    i, k, s, p, op, d, o = (list(column) for column in zip(*axes))
    case = {
        "name": f"ct{dims}d_{index:03d}",
        "op": "conv_transpose",
        "dims": dims,
        "groups": groups,
        "kernel": k,
        "stride": s,
        "padding": p,
        "output_padding": op,
        "dilation": d,
        "bias": bool(random.randint(2)),
        # A third: sums of small integers are exact in float32, so these must agree to the last bit.
        "integer": bool(random.randint(3) == 0),
        "input": i,
        "output": o,
    }
    batch = random.randint(1, 3)
    c_in = groups * random.randint(1, 4)
    c_out_per_group = random.randint(1, 4)
    shapes = {"x": [batch, c_in] + i, "w": [c_in, c_out_per_group] + k}
    if case["bias"]:
        shapes["b"] = [groups * c_out_per_group]
    shapes["g"] = [batch, groups * c_out_per_group] + o
    return case, {key: draw_values(random, shape, case["integer"]) for key, shape in shapes.items()}


def draw_relatives(random):
    for factor in (2, 3, 4):
        for channels in (1, 3):
            case = {"name": f"ps_r{factor}_c{channels}", "op": "pixel_shuffle", "factor": factor}
            yield case, {"x": draw_values(random, (2, channels * factor**2, 3, 5), False)}
    for mode, corners in (("nearest", False), ("bilinear", False), ("bilinear", True)):
        for factor in (2, 3, 4):
            name = f"up_{mode}_{factor}" + ("_corners" if corners else "")
            case = {"name": name, "op": "upsample", "mode": mode, "factor": factor, "align_corners": corners}
            yield case, {"x": draw_values(random, (1, 2, 4, 6), False)}


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.exit(f"{folder}: not empty; archives of an older table would stay behind")
    # RandomState, not default_rng: numpy promises that its stream never changes.
    random = np.random.RandomState(SEED)
    drawn = [draw_conv_transpose(random, index) for index in range(CONV_TRANSPOSE_CASES)] + list(draw_relatives(random))
    for case, inputs in drawn:
        answers = ANSWER[case["op"]](case, inputs)
        if "output" in case and list(answers["y"].shape[2:]) != case["output"]:
            sys.exit(f"{case['name']}: the table says output {case['output']}, PyTorch {answers['y'].shape[2:]}")
        # The tests read zip archives without compression, which is what savez (not savez_compressed) writes.
        arrays = {**inputs, **answers}
        np.savez(folder / (case["name"] + ".npz"), **{key: np.ascontiguousarray(a) for key, a in arrays.items()})
    bad = [{**layer, "torch": answer_bad_layer(layer)} for layer in BAD_LAYERS]
    table = {"seed": SEED, "cases": [case for case, _ in drawn], "bad": bad}
    (folder / "cases.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(f"{folder}: {len(drawn)} cases, {len(bad)} bad layers, PyTorch {torch.__version__}, numpy {np.__version__}")


# ---- check ------------------------------------------------------------------------------------------------------


def table_problems(case, arrays):
    """Where the table and the archive of one case contradict each other."""
    expected = set(INPUTS[case["op"]]) | {"y"}
    if case["op"] == "conv_transpose":
        expected |= {"gx", "gw", "gb"}
        if not case["bias"]:
            expected -= {"b", "gb"}
    if set(arrays) != expected:
        yield f"holds {sorted(arrays)}, expected {sorted(expected)}"
        return
    for key, array in arrays.items():
        if array.dtype != np.float32:
            yield f"{key} is {array.dtype}, expected float32"
    if case["op"] == "conv_transpose":
        lengths = {key: len(case[key]) for key in ("kernel", "stride", "padding", "output_padding", "dilation")}
        if set(lengths.values()) != {case["dims"]}:
            yield f"{case['dims']} dims, but {lengths}"
        for key, array in (("input", "x"), ("output", "y"), ("output", "g"), ("kernel", "w")):
            if list(arrays[array].shape[2:]) != case[key]:
                yield f"{key} {case[key]}, but {array} is {arrays[array].shape}"
        if case["integer"] and any((array != np.round(array)).any() for array in arrays.values()):
            yield "integer, but it holds fractions"


def largest_difference(stored, computed):
    return float(np.max(np.abs(stored.astype(np.float64) - computed.astype(np.float64)), initial=0.0))


def check(folder):
    table = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    problems = []
    worst = (0.0, 0.0, "any of them")  # relative to the array's largest value, absolute, where
    compared = 0
    for case in table["cases"]:
        with np.load(folder / (case["name"] + ".npz"), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        contradictions = [f"{case['name']}: {text}" for text in table_problems(case, arrays)]
        problems += contradictions
        if contradictions:
            continue
        inputs = {key: arrays[key] for key in INPUTS[case["op"]] if key in arrays}
        exact = case.get("integer", False) or case["op"] == "pixel_shuffle" or case.get("mode") == "nearest"
        for key, computed in ANSWER[case["op"]](case, inputs).items():
            stored = arrays[key]
            where = f"{case['name']} {key}"
            if stored.shape != computed.shape:
                problems.append(f"{where}: stored {stored.shape}, computed {computed.shape}")
                continue
            difference = largest_difference(stored, computed)
            scale = max(1.0, float(np.max(np.abs(stored), initial=0.0)))
            compared += 1
            if difference / scale > worst[0]:
                worst = (difference / scale, difference, where)
            # Written so that a NaN fails too.
            if not difference <= (0.0 if exact else TOLERANCE * scale):
                problems.append(f"{where}: differs by {difference:.3g}, largest value {scale:.3g}")
    names = {case["name"] for case in table["cases"]}
    for path in sorted(folder.glob("*.npz")):
        if path.stem not in names:
            problems.append(f"{path.name}: not in cases.json")
    for bad in table["bad"]:
        said = answer_bad_layer(bad)
        if said.split(":")[0] != bad["torch"].split(":")[0]:
            problems.append(f"bad layer {bad}: PyTorch now {said}")
        elif said != bad["torch"]:
            # The wording is PyTorch's to change.
            print(f"note: other words for a bad layer: stored {bad['torch']!r}, now {said!r}")
    for problem in problems:
        print(problem)
    relative, absolute, where = worst
    print(
        f"PyTorch {torch.__version__}: {len(table['cases'])} cases, {compared} arrays, {len(table['bad'])} bad layers; "
        f"largest difference {absolute:.3g} ({relative:.3g} of the array's largest value) in {where}; "
        f"{len(problems)} problems"
    )
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=("write", "check"))
    parser.add_argument("folder", type=pathlib.Path, metavar="DIR")
    arguments = parser.parse_args()
    if arguments.mode == "check":
        return check(arguments.folder)
    write(arguments.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
