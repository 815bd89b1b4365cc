"""Tasks in a flow of Prefect, with its own server on this machine, on SQLite.

A task's result is kept in a file, so that a retry finds it (`persist_result`). Its state goes to the server behind the
caller's back, and what the server has not got yet is lost with the process: the time runs until the server says that
every task run is completed. `returned` is when the flow's own code had gone through.
"""
import json, os, time

import httpx
from prefect import flow, get_client, task
from prefect.runtime import flow_run

plan = json.loads(os.environ["SLUICE_BENCH_PLAN"])


@task(persist_result=True)
def one(n: int) -> int:
    return n + 1


def make(first: int, many: int) -> None:
    if plan["width"] == 1:
        n = first
        for _ in range(many):
            n = one(n)
    else:
        one.map(range(first, first + many)).result()


def recorded(many: int) -> None:
    completed = {"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}, "flow_runs": {"id": {"any_": [flow_run.id]}}}
    with get_client(sync_client=True) as client:
        while httpx.post(f"{client.api_url}task_runs/count", json=completed).json() < many:
            time.sleep(0.02)


@flow
def steps() -> dict:
    make(0, plan["warm"])
    recorded(plan["warm"])
    began = time.perf_counter()
    make(plan["warm"], plan["count"])
    returned = time.perf_counter()
    recorded(plan["warm"] + plan["count"])
    return {"ms": (time.perf_counter() - began) * 1000, "returned": (returned - began) * 1000}


if __name__ == "__main__":
    measured = steps()
    with open(plan["out"], "w") as out:
        json.dump(measured, out)
