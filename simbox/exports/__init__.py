"""What other programs and other desks take: lists, workbook, maps, graphs, events, paper, blocking lists, victims."""

from simbox.exports.blocking import CLONE_WARNING, export_blocking
from simbox.exports.chosen import Chosen
from simbox.exports.entities import export_i2
from simbox.exports.graph import export_graphml
from simbox.exports.lists import export_csv
from simbox.exports.maps import export_geojson, export_kml
from simbox.exports.misp import export_misp
from simbox.exports.page import export_pdf
from simbox.exports.seen import Seen
from simbox.exports.victims import export_victims, find_victims
from simbox.exports.workbook import export_xlsx

__all__ = [
    "CLONE_WARNING",
    "Chosen",
    "Seen",
    "export_blocking",
    "export_csv",
    "export_geojson",
    "export_graphml",
    "export_i2",
    "export_kml",
    "export_misp",
    "export_pdf",
    "export_victims",
    "export_xlsx",
    "find_victims",
]
