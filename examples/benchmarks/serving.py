"""Ask examples/serving/app.py as many clients at once do, and count its answers a second.

It starts uvicorn with two workers on a free port, sends one strip of 30 s again and again over
connections that stay open, and checks each answer.

Usage: python examples/benchmarks/serving.py [--workers 2] [--clients 8] [--requests 2000]
"""

import argparse
import http.client
import json
import os
import resource
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from sklearn_ecg import make_ecg

APP = Path(__file__).parents[1] / "serving"


def free_port():
    """Return a port that nothing listens to."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, process):
    """Wait until the service answers."""
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the service did not start")


def ask(port, body, n_requests):
    """Send requests over one connection; return the seconds that each took."""
    headers, seconds = {"Content-Type": "application/json"}, []
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        for _ in range(n_requests):
            start = time.perf_counter()
            connection.request("POST", "/predict", body, headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
            seconds.append(time.perf_counter() - start)
            if response.status != 200 or abs(sum(answer.values()) - 1) > 1e-6:
                raise SystemExit(f"a wrong answer: {response.status} {answer}")
    return seconds


def ask_from(n_clients, port, body, n_requests):
    """Send requests over several connections at once; return the seconds that each took."""
    with ThreadPoolExecutor(n_clients) as clients:
        asked = [clients.submit(ask, port, body, n_requests) for _ in range(n_clients)]
        return np.concatenate([answers.result() for answers in asked])


@contextmanager
def running_service(workers):
    """Run the service, and yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "app:app", "--log-level", "warning"]
    command += ["--app-dir", str(APP), "--port", str(port), "--workers", str(workers)]
    with subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"}) as process:
        try:
            wait_for(port, process)
            yield port
        finally:
            process.terminate()


def main():
    """Start the service, ask it, and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=2000)
    options = parser.parse_args()
    record = make_ecg(30, fs=250, leads=["II"], random_state=0)
    body = json.dumps({"signal": record.signal[:, 0].round(4).tolist(), "fs": 250})
    with running_service(options.workers) as port:
        ask(port, body, 20)
        start = time.perf_counter()
        seconds = ask_from(options.clients, port, body, options.requests // options.clients)
        wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{len(seconds) / wall:.0f} requests/s with {options.workers} workers; "
        f"median {1e3 * np.median(seconds):.0f} ms, 99 % within "
        f"{1e3 * np.quantile(seconds, 0.99):.0f} ms; the service took "
        f"{used.ru_utime + used.ru_stime:.1f} s of processor time, its start included"
    )


if __name__ == "__main__":
    main()
