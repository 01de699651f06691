"""SIMs and what ties them together, for Gephi, yEd and Cytoscape."""

import io

import networkx as nx
import polars as pl

from simbox.exports.chosen import Chosen
from simbox.telecom.printing import print_table

_MEMBER = ("imsi", "rig_id", "probability", "role", "joined_at", "left_at")
_LISTED = ("decision", "msisdn", "iccid", "operator", "registration", "state", "place_rank", "cell", "lat", "lon")
_LINK = ("weight", "direction", "events", "first_at", "last_at")


def export_graphml(chosen: Chosen) -> dict[str, bytes]:
    """links.graphml: members as nodes, with what the list knows of them, each link as an edge named by its comparison.

    Nodes have numbers of their own as id: a redacted IMSI need not be the only one of its kind.
    """
    graph = nx.MultiGraph()
    members = chosen.members.sort("rig_id", "imsi")
    described = members.join(
        chosen.sims.select("imsi", *_LISTED), on="imsi", how="left", maintain_order="left"
    ).select(*_MEMBER, *_LISTED)  # fmt: skip
    numbers = {imsi: f"sim{number}" for number, imsi in enumerate(members["imsi"], start=1)}
    for imsi, row in zip(members["imsi"], _attributes(described, chosen.redact), strict=True):
        graph.add_node(numbers[imsi], **row)
    links = chosen.links.sort("imsi_a", "imsi_b", "comparison")
    ends = links.select("imsi_a", "imsi_b", "comparison").iter_rows()
    for (imsi_a, imsi_b, comparison), row in zip(ends, _attributes(links.select(_LINK), False), strict=True):
        a, b = numbers[imsi_a], numbers[imsi_b]
        graph.add_edge(a, b, key=f"{a} {b} {comparison}", comparison=comparison, **row)
    buffer = io.BytesIO()
    # Not write_graphml: it writes other bytes where lxml is installed.
    nx.write_graphml_xml(graph, buffer, encoding="utf-8", prettyprint=True)
    return {"links.graphml": buffer.getvalue() + b"\n"}


def _attributes(frame: pl.DataFrame, redact: bool) -> list[dict[str, object]]:
    """Rows without nulls, which GraphML has no way to write; numbers as numbers, all else as clean text."""
    texts = print_table(frame, redact=redact)
    numbers = [name for name, dtype in frame.schema.items() if dtype.is_float() or dtype == pl.Int32]
    rows = texts.with_columns(frame.select(numbers)).iter_rows(named=True)
    return [{name: value for name, value in row.items() if value is not None} for row in rows]
