#!/usr/bin/env python3
"""From a log to a plot, with polars and matplotlib, step by step.

    walkthrough.py LOG PICTURE
"""
import sys

import matplotlib
import polars as pl

import flowd
import flowd.polars

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

log, picture = sys.argv[1:]

# 1. What is there? A query of flowd answers without a frame.
everything = flowd.query(log, measures="flows,packets,octets")
print(dict(zip(everything.columns, everything.total)))

# 2. The services with most octets: of ports below 1024, both directions.
flows = flowd.polars.scan(
    log, columns="recv_time,src_port,dst_port,protocol,octets")
services = (
    flows.with_columns(
        pl.min_horizontal("src_port", "dst_port").alias("service"))
    .filter(pl.col("service") < 1024)
    .group_by("service")
    .agg(pl.col("octets").sum())
    .sort("octets", descending=True)
    .head(5)
    .collect())
print(services)

# 3. Octets a second over time, of each of these and of all others.
names = services["service"].to_list()
service = pl.min_horizontal("src_port", "dst_port")
seconds = (
    flows.with_columns(
        pl.when(service.is_in(names)).then(service.cast(pl.String))
        .otherwise(pl.lit("other")).alias("service"),
        pl.col("recv_time").dt.truncate("1s").alias("second"))
    .group_by("second", "service")
    .agg(pl.col("octets").sum())
    .collect()
    .pivot(on="service", index="second", values="octets")
    .fill_null(0)
    .sort("second"))

# 4. The plot.
order = [str(n) for n in names if str(n) in seconds.columns] + ["other"]
order = [n for n in order if n in seconds.columns]
begin = seconds["second"][0]
since = (seconds["second"] - begin).dt.total_seconds().to_list()
fig, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
axes.stackplot(since, *(seconds[n].cast(pl.Float64) * 8 / 1e6 for n in order),
               labels=[n if n == "other" else f"port {n}" for n in order])
axes.set_xlabel(f"seconds since {begin:%Y-%m-%d %H:%M:%S} UTC")
axes.set_ylabel("Mbit/s")
axes.set_title("Traffic by service")
axes.margins(x=0)
axes.legend(loc="upper right", ncols=2)
fig.savefig(picture, dpi=100)
