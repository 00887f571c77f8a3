#!/usr/bin/env python3
"""PyTorch's transposed convolution, timed: CSV to standard output, in the columns of `tconv bench`.

    python3 tests/bench/peers_torch.py tests/bench/layers.csv --threads 1,2 --seconds 0.5

Methods: torch_mkldnn and torch_native (mkldnn on and off) on plain arrays, torch_mkldnn_nhwc on channels_last ones; for
GPUs there is gpu_peers_torch.py. Weights are in PyTorch's own layout, which is what its users have: it packs them in each call. With
--check the error against float64 is a further column. What is timed and how: src/compute/timing.h."""

import argparse
import csv
import statistics
import sys
import time

import torch
import torch.nn.functional as functional

CLEAR_TIME = 1e-3  # seconds: shorter calls are made several times between two looks at the clock


def read_layers(path, only):
    with open(path, newline="", encoding="utf-8") as file:
        rows = [line for line in file if line.strip() and not line.lstrip().startswith("#")]
    for row in csv.DictReader(rows):
        if only in row["name"]:
            yield row["name"], {key: int(value) for key, value in row.items() if key != "name"}


class Call:
    """One way of computing a layer with so many threads."""

    def __init__(self, method, threads, layer, arrays, mkldnn):
        self.method, self.threads = method, threads
        self.arrays, self.mkldnn = arrays, mkldnn
        self.options = [None, layer["S"], layer["P"], layer["OP"], layer["groups"], layer["D"]]
        self.times, self.spent, self.estimate = [], 0.0, None

    def run(self, count=1):
        torch.set_num_threads(self.threads)
        with torch.backends.mkldnn.flags(enabled=self.mkldnn):
            for _ in range(count):
                output = functional.conv_transpose2d(*self.arrays, *self.options)
        return output

    def take_time(self):
        start = time.perf_counter()
        if self.estimate is None or self.estimate < 0.25:
            self.run()
        count = 1 if self.estimate is None else min(1000, max(1, int(CLEAR_TIME / self.estimate)))
        begin = time.perf_counter()
        self.run(count)
        end = time.perf_counter()
        seconds = (end - begin) / count
        if self.estimate is not None or seconds >= CLEAR_TIME:
            self.times.append(seconds)
        self.estimate = seconds
        self.spent += end - start


def calls_of(layer, options):
    """PyTorch's layouts: input (N, C_in, H, W), weight (C_in, C_out/G, K, K)."""
    shape = (layer["N"], layer["Cin"], layer["Hin"], layer["Win"])
    weight_shape = (layer["Cin"], layer["Cout"] // layer["groups"], layer["K"], layer["K"])
    arrays = [torch.rand(size) * 2 - 1 for size in (shape, weight_shape)]
    turned = [array.contiguous(memory_format=torch.channels_last) for array in arrays]
    calls = []
    for threads in options.threads:
        calls.append(Call("torch_mkldnn", threads, layer, arrays, True))
        calls.append(Call("torch_native", threads, layer, arrays, False))
        calls.append(Call("torch_mkldnn_nhwc", threads, layer, turned, True))
    return calls


def error_of(call):
    """The rms of the difference from float64 by the rms of the output."""
    truth = functional.conv_transpose2d(*[array.double() for array in call.arrays], *call.options)
    return float((call.run().double() - truth).pow(2).mean().sqrt() / truth.pow(2).mean().sqrt())


def time_in_turn(calls, seconds):
    while True:
        done = [min(call.spent / seconds, len(call.times) / 3) for call in calls]
        if min(done) >= 1:
            return
        calls[done.index(min(done))].take_time()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("layers", help="the list of layers, for example tests/bench/layers.csv")
    parser.add_argument("--threads", default="1,2", help="numbers of threads (default: 1,2)")
    parser.add_argument("--seconds", type=float, default=0.5, help="for each method (default: 0.5)")
    parser.add_argument("--only", default="", help="layers whose name has this in it")
    parser.add_argument("--check", action="store_true", help="add the error against float64 (slow)")
    options = parser.parse_args()
    options.threads = [int(number) for number in options.threads.split(",")]
    torch.manual_seed(7)
    torch.set_grad_enabled(False)
    print("layer,device,method,threads,median_ms,min_ms,repetitions,gflops" + (",error_rms" if options.check else ""))
    for name, layer in read_layers(options.layers, options.only):
        operations = 2.0 * layer["N"] * layer["Cin"] * layer["Cout"] / layer["groups"]
        operations *= layer["K"] ** 2 * layer["Hin"] * layer["Win"]
        calls = calls_of(layer, options)
        errors = [f",{error_of(call):.2e}" if options.check else "" for call in calls]
        time_in_turn(calls, options.seconds)
        for call, error in zip(calls, errors):
            median = statistics.median(call.times)
            print(f"{name},cpu,{call.method},{call.threads},{median * 1e3:.4f},{min(call.times) * 1e3:.4f},"
                  f"{len(call.times)},{operations / median * 1e-9:.2f}{error}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
