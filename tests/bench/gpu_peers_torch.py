#!/usr/bin/env python3
"""What the GPU's shaders are compared with: PyTorch's conv_transpose2d through cuDNN, float32 without TF32.

    python3 tests/bench/gpu_peers_torch.py layers.csv [--only NAME] [--seconds 0.5] [--device cuda]

The layers' columns are name,N,Cin,Cout,groups,Hin,Win,K,S,P,OP,D. Writes layer,device,method,threads,median_ms,min_ms,
repetitions,gflops as `tconv bench` does (2 operations for each product of the definition, those that the padding crops
among them), and to standard error the bandwidth of copying: bytes read and written together. A repetition is one call
and the wait for its end, by the wall clock; arrays stay on the device; the first calls, in which cuDNN tries its
algorithms, are not counted. `cudnn` has its arrays as (N, C, H, W), `cudnn_channels_last` as (N, H, W, C)."""

import argparse
import csv
import statistics
import sys
import time

try:
    import torch
    import torch.nn.functional as functional
except ImportError:
    sys.exit("gpu_peers_torch.py: PyTorch is not installed")


def synchronized(device):
    if device == "cuda":
        torch.cuda.synchronize()


def timed(call, device, seconds):
    """Seconds of each repetition."""
    for _ in range(5):
        call()
    synchronized(device)
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 5 or (time.perf_counter() < end and len(times) < 10000):
        start = time.perf_counter()
        call()
        synchronized(device)
        times.append(time.perf_counter() - start)
    return times


def copy_bandwidth(device, seconds):
    source = torch.ones(128 << 20 if device == "cuda" else 16 << 20, device=device)
    target = torch.empty_like(source)
    return 2 * source.numel() * 4 / min(timed(lambda: target.copy_(source), device, seconds))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layers")
    parser.add_argument("--only", default="", help="layers whose names hold this")
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    arguments = parser.parse_args()
    device = arguments.device
    if device == "cuda" and not torch.cuda.is_available():
        sys.exit("gpu_peers_torch.py: PyTorch sees no GPU")
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(7)
    torch.set_grad_enabled(False)
    name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    print(f"{name}, PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}; copying moves "
          f"{copy_bandwidth(device, arguments.seconds) / 1e9:.1f} GB/s", file=sys.stderr)
    print("layer,device,method,threads,median_ms,min_ms,repetitions,gflops")
    with open(arguments.layers, newline="", encoding="utf-8") as file:
        lines = [line for line in file if line.strip() and not line.lstrip().startswith("#")]
    for row in csv.DictReader(lines):
        if arguments.only not in row["name"]:
            continue
        n, c_in, c_out, groups, height, width, k, s, p, op, d = (
            int(row[column]) for column in "N Cin Cout groups Hin Win K S P OP D".split())
        flop = 2 * n * c_in * (c_out // groups) * k * k * height * width
        for method, layout in [("cudnn", torch.contiguous_format), ("cudnn_channels_last", torch.channels_last)]:
            x = (torch.rand(n, c_in, height, width, device=device) * 2 - 1).contiguous(memory_format=layout)
            w = (torch.rand(c_in, c_out // groups, k, k, device=device) * 2 - 1).contiguous(memory_format=layout)
            try:
                times = timed(lambda: functional.conv_transpose2d(x, w, None, s, p, op, groups, d), device,
                              arguments.seconds)
            except RuntimeError as error:
                print(f"{row['name']}, {method}: {str(error).splitlines()[0]}", file=sys.stderr)
                continue
            median = statistics.median(times)
            print(f"{row['name']},gpu,{method},1,{median * 1e3:.4f},{min(times) * 1e3:.4f},{len(times)},"
                  f"{flop / median * 1e-9:.2f}", flush=True)


if __name__ == "__main__":
    main()
