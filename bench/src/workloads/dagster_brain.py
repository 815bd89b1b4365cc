"""What Dagster decides about assets, without running any: processor time of one process, as JSON on the last line."""
import json, os, time, warnings
from datetime import datetime

warnings.filterwarnings("ignore")

from dagster import AssetSelection, AssetSpec, AutomationCondition, DagsterInstance, Definitions, asset, evaluate_automation_conditions
from dagster import AssetMaterialization, HourlyPartitionsDefinition
from dagster._utils.schedules import cron_string_iterator

plan = json.loads(os.environ["SLUICE_BENCH_PLAN"])
found = {}


def measured(name, work):
    before = time.process_time()
    result = work()
    found[name] = 1000 * (time.process_time() - before)
    return result


def upstream(n):
    return [] if n < 100 else sorted({f"a{n - 100}", f"a{(n * 7) % (n - 1)}"})


def specs(count):
    return [
        AssetSpec(f"a{n}", deps=upstream(n), group_name=f"g{n % 50}", tags={"tier": str(n % 3)}) for n in range(count)
    ]


def selection(count, graph):
    text = f'(+key:"a{count - 1}" or group:g7) and not tag:tier="2" or sinks(*)'
    return AssetSelection.from_string(text, include_sources=True).resolve(graph)


for count in plan["counts"]:
    graph = measured(f"graph_{count}", lambda: Definitions(assets=specs(count)).resolve_asset_graph())
    measured(f"selection_{count}", lambda: selection(count, graph))


def eager(n):
    @asset(name=f"a{n}", deps=upstream(n), automation_condition=AutomationCondition.eager())
    def made(): ...

    return made


def ticks(count):
    made = [eager(n) for n in range(count)]
    with DagsterInstance.ephemeral() as instance:
        for n in range(count):
            instance.report_runless_asset_event(AssetMaterialization(f"a{n}"))
        tick = lambda cursor: evaluate_automation_conditions(defs=made, instance=instance, cursor=cursor).cursor
        cursor = tick(tick(None))
        cursor = measured(f"tick_idle_{count}", lambda: tick(cursor))
        instance.report_runless_asset_event(AssetMaterialization("a50"))
        cursor = measured(f"tick_one_{count}", lambda: tick(cursor))
        cursor = tick(tick(cursor))
        for n in range(count):
            instance.report_runless_asset_event(AssetMaterialization(f"a{n}"))
        measured(f"tick_all_{count}", lambda: tick(cursor))


ticks(plan["ticked"])


def million():
    hours = HourlyPartitionsDefinition(start_date=datetime(1912, 1, 1), end_date=datetime(2026, 1, 31))
    keys = hours.get_partition_keys()
    made = hours.empty_subset().with_partition_keys(keys[::2])
    return lambda: (len(made.get_partition_keys_not_in_subset(hours)), made.get_partition_key_ranges(hours)[:1000])


status = measured("partitions.million_made", million)
measured("partitions.million_status", status)


def cron():
    start, end = datetime(2020, 1, 1).timestamp(), datetime(2036, 1, 1).timestamp()
    for zone in plan["zones"]:
        for tick in cron_string_iterator(start, "30 2 * * *", zone):
            if tick.timestamp() >= end:
                break


measured("cron.zones_2020_2035", cron)
found["cron.zones_2020_2035"] *= plan["times"]
print(json.dumps(found))
