"""What a table means: feature spaces, their inference from tables, alignment, reading files."""

from coopdistill.schema.alignment import Alignment
from coopdistill.schema.codec import Codec
from coopdistill.schema.concatenation import common_library, stacked
from coopdistill.schema.feature import Feature, Kind
from coopdistill.schema.hot_deck import hot_deck
from coopdistill.schema.inference import infer_feature_space
from coopdistill.schema.labels import as_labels
from coopdistill.schema.one_hot import merge_one_hot, one_hot_groups
from coopdistill.schema.reading import read_table
from coopdistill.schema.row_keys import row_keys
from coopdistill.schema.space import FeatureSpace
from coopdistill.schema.table import Table, as_frame, copy_of_rows, count_rows, select_rows

__all__ = [
    "Alignment",
    "Codec",
    "Feature",
    "FeatureSpace",
    "Kind",
    "Table",
    "as_frame",
    "as_labels",
    "common_library",
    "copy_of_rows",
    "count_rows",
    "hot_deck",
    "infer_feature_space",
    "merge_one_hot",
    "one_hot_groups",
    "read_table",
    "row_keys",
    "select_rows",
    "stacked",
]
