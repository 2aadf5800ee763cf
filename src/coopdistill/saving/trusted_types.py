"""The types that a file may make objects of, beyond those that skops itself trusts."""

from __future__ import annotations

__all__ = ["TRUSTED"]

_KERNELS = (
    *("CompoundKernel", "ConstantKernel", "DotProduct", "ExpSineSquared", "Exponentiation", "Matern"),
    *("Product", "RBF", "RationalQuadratic", "Sum", "WhiteKernel"),
)
_DISTANCES = ("EuclideanDistance64", "ManhattanDistance64", "ChebyshevDistance64", "MinkowskiDistance64")
_LOSSES = (
    *("AbsoluteError", "ExponentialLoss", "HalfBinomialLoss", "HalfGammaLoss", "HalfMultinomialLoss"),
    *("HalfPoissonLoss", "HalfSquaredError", "HalfTweedieLoss", "HalfTweedieLossIdentity", "HuberLoss", "PinballLoss"),
)
_LINKS = ("HalfLogitLink", "IdentityLink", "Interval", "LogLink", "LogitLink", "MultinomialLogit")

_METRICS = {
    "_classification": (
        *("accuracy_score", "balanced_accuracy_score", "brier_score_loss", "f1_score", "jaccard_score", "log_loss"),
        *("matthews_corrcoef", "precision_score", "recall_score"),
    ),
    "_ranking": ("average_precision_score", "roc_auc_score", "top_k_accuracy_score"),
    "_regression": (
        *("explained_variance_score", "max_error", "mean_absolute_error", "mean_absolute_percentage_error"),
        *("mean_gamma_deviance", "mean_poisson_deviance", "mean_squared_error", "mean_squared_log_error"),
        *("median_absolute_error", "r2_score", "root_mean_squared_error", "root_mean_squared_log_error"),
    ),
}
_SPLITTERS = (
    *("GroupKFold", "GroupShuffleSplit", "KFold", "LeaveOneGroupOut", "LeaveOneOut", "LeavePGroupsOut", "LeavePOut"),
    *("RepeatedKFold", "RepeatedStratifiedKFold", "ShuffleSplit", "StratifiedGroupKFold", "StratifiedKFold"),
    *("StratifiedShuffleSplit", "TimeSeriesSplit"),
)

TRUSTED = (
    "functools.partial",
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.compose._column_transformer._RemainderColsList",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.multiclass._ConstantPredictor",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
    "sklearn.utils.validation.check_array",
    *(f"sklearn.gaussian_process.kernels.{name}" for name in _KERNELS),
    *(f"sklearn.metrics._dist_metrics.{name}" for name in _DISTANCES),
    *(f"sklearn._loss.loss.{name}" for name in _LOSSES),
    *(f"sklearn._loss.link.{name}" for name in _LINKS),
    *(f"sklearn.metrics.{module}.{name}" for module, names in _METRICS.items() for name in names),
    *(f"sklearn.model_selection._split.{name}" for name in _SPLITTERS),
    "coopdistill.ensemble.classifier.CooperativeClassifier",
    "coopdistill.ensemble.regressor.CooperativeRegressor",
    "coopdistill.learners.encoded_labels.EncodedLabels",
    "coopdistill.learners.networks.skorch_net.as_single_precision",
    "coopdistill.saving.placeholder.Placeholder",
)
"""Plain data and arithmetic: none of them opens a file, imports a name or, while it is loaded, calls what it was given.

Trees and indexes of neighbours hold positions that compiled code follows unchecked, so `check_compiled_parts` looks at
these after loading. Of functions there are `check_array`, which histogram gradient boosting keeps within a partial, one
of our own that makes an array, scikit-learn's metrics, and the arithmetic of numpy and scipy that skops trusts; all
return arrays or numbers, and no more. What a finished search keeps, its scorer and its way of splitting, calls such a
function, an estimator or another way of splitting when the search is asked to score or fitted anew; what it calls had
to be on this list, too.
"""
