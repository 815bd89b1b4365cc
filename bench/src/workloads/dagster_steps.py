"""A chain of ops or of assets in Dagster: its default storage on this machine (SQLite), everything in one process.

What is measured lies between the start of one step's body and the start of the last one's: every step between is whole.
"""
import json, os, sys, time

from dagster import AssetIn, DagsterInstance, asset, execute_job, job, materialize, op, reconstructable

plan = json.loads(os.environ["SLUICE_BENCH_PLAN"])
total = plan["warm"] + plan["count"] + 1
starts = []


@op
def one(n: int) -> int:
    starts.append(time.perf_counter())
    return n + 1


@op
def first() -> int:
    return 0


@job
def ops():
    n = first()
    for i in range(total):
        n = one.alias(f"one_{i}")(n)


def link(i):
    ins = {} if i == 0 else {"n": AssetIn(f"one_{i - 1}")}

    def run(n: int = 0) -> int:
        starts.append(time.perf_counter())
        return n + 1

    def root() -> int:
        return run()

    return asset(name=f"one_{i}", ins=ins)(run if i else root)


def main() -> None:
    with DagsterInstance.get() as instance:
        if sys.argv[1] == "ops":
            here = {"execution": {"config": {"in_process": {}}}}
            ended = execute_job(reconstructable(ops), instance=instance, run_config=here)
        else:
            ended = materialize([link(i) for i in range(total)], instance=instance)
        assert ended.success and len(starts) == total
    with open(plan["out"], "w") as out:
        json.dump({"ms": (starts[-1] - starts[plan["warm"]]) * 1000}, out)


if __name__ == "__main__":
    # Dagster loads the job again by its module: the bodies must note their times where they are read.
    import dagster_steps

    dagster_steps.main()
