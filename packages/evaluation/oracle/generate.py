"""Writes oracle.json: metrics by scikit-learn, DeLong's variance by its definition, on small seeded samples; and
what a model without skill has, by scikit-learn's dummies, with SciPy's p-values of being no better.

Run as `python generate.py` with numpy, scipy and scikit-learn; the same versions give the same file.
"""

import json
import pathlib

import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.dummy import DummyClassifier, DummyRegressor

rng = np.random.default_rng(20130401)


def binary_case(name, rows, prevalence, digits, threshold):
    truth = (rng.random(rows) < prevalence).astype(int)
    first = np.round(np.clip(rng.normal(0.3 + 0.2 * truth, 0.2, rows), 0, 1), digits)
    second = np.round(np.clip(rng.normal(0.3 + 0.1 * truth, 0.2, rows), 0, 1), digits)
    labels = (first >= threshold).astype(int)
    return {
        "name": name,
        "truth": truth.tolist(),
        "first": first.tolist(),
        "second": second.tolist(),
        "threshold": threshold,
        "metrics": {
            "roc_auc": metrics.roc_auc_score(truth, first),
            "average_precision": metrics.average_precision_score(truth, first),
            "log_loss": metrics.log_loss(truth, first, labels=[0, 1]),
            "brier": metrics.brier_score_loss(truth, first),
            "accuracy": metrics.accuracy_score(truth, labels),
            "balanced_accuracy": metrics.balanced_accuracy_score(truth, labels),
            "precision": metrics.precision_score(truth, labels),
            "recall": metrics.recall_score(truth, labels),
            "f1": metrics.f1_score(truth, labels),
        },
        "delong": delong(truth, first, second),
        "no_skill": binary_no_skill(truth),
        "skill_p": skill_p(truth, second, (second >= threshold).astype(int)),
    }


def binary_no_skill(truth):
    nothing = np.zeros((len(truth), 1))
    prior = DummyClassifier(strategy="prior").fit(nothing, truth)
    probability = prior.predict_proba(nothing)[:, 1]
    return {
        "roc_auc": metrics.roc_auc_score(truth, probability),
        "average_precision": metrics.average_precision_score(truth, probability),
        "log_loss": metrics.log_loss(truth, probability, labels=[0, 1]),
        "brier": metrics.brier_score_loss(truth, probability),
        "accuracy": metrics.accuracy_score(truth, prior.predict(nothing)),
    }


def skill_p(truth, scores, labels):
    """One-sided, of being no better than chance: Mann and Whitney's test, and Fisher's exact one."""
    table = metrics.confusion_matrix(truth, labels)
    return {
        "roc_auc": stats.mannwhitneyu(scores[truth == 1], scores[truth == 0], alternative="greater").pvalue,
        "balanced_accuracy": stats.fisher_exact(table, alternative="greater").pvalue,
    }


def delong(truth, first, second):
    """The structural components of DeLong et al. (1988), by comparing every pair."""
    components = [placements(truth, scores) for scores in (first, second)]
    of_positives = components[0][0] - components[1][0]
    of_negatives = components[0][1] - components[1][1]
    variance = of_positives.var(ddof=1) / len(of_positives) + of_negatives.var(ddof=1) / len(of_negatives)
    difference = of_positives.mean()
    margin = stats.norm.ppf(0.975) * np.sqrt(variance)
    return {
        "difference": difference,
        "variance": variance,
        "low": difference - margin,
        "high": difference + margin,
        "p_value": 2 * stats.norm.sf(abs(difference) / np.sqrt(variance)),
    }


def placements(truth, scores):
    positives, negatives = scores[truth == 1], scores[truth == 0]
    above = (positives[:, None] > negatives).astype(float) + 0.5 * (positives[:, None] == negatives)
    return above.mean(axis=1), above.mean(axis=0)


def multiclass_case(rows):
    truth = rng.integers(0, 4, rows)
    predicted = np.where(rng.random(rows) < 0.6, truth, rng.integers(0, 5, rows))
    average = {"average": "macro", "zero_division": 0}
    balanced = metrics.recall_score(truth, predicted, labels=np.unique(truth), average="macro")
    return {
        "truth": truth.tolist(),
        "predicted": predicted.tolist(),
        "classes": 6,
        "metrics": {
            "accuracy": metrics.accuracy_score(truth, predicted),
            "balanced_accuracy": balanced,
            "precision": metrics.precision_score(truth, predicted, **average),
            "recall": metrics.recall_score(truth, predicted, **average),
            "f1": metrics.f1_score(truth, predicted, **average),
        },
        "no_skill": {
            "accuracy": metrics.accuracy_score(truth, most_frequent(truth)),
        },
    }


def most_frequent(truth):
    nothing = np.zeros((len(truth), 1))
    return DummyClassifier(strategy="most_frequent").fit(nothing, truth).predict(nothing)


def regression_case(rows):
    truth = rng.normal(100, 20, rows)
    predicted = truth + rng.normal(2, 8, rows)
    return {
        "truth": truth.tolist(),
        "predicted": predicted.tolist(),
        "metrics": {
            "rmse": metrics.root_mean_squared_error(truth, predicted),
            "mae": metrics.mean_absolute_error(truth, predicted),
            "r2": metrics.r2_score(truth, predicted),
        },
        "no_skill": {
            "rmse": metrics.root_mean_squared_error(truth, constant(truth, "mean")),
            "mae": metrics.mean_absolute_error(truth, constant(truth, "median")),
            "r2": metrics.r2_score(truth, constant(truth, "mean")),
        },
    }


def constant(truth, strategy):
    nothing = np.zeros((len(truth), 1))
    return DummyRegressor(strategy=strategy).fit(nothing, truth).predict(nothing)


def normal_case():
    z = np.array([-8, -3, -1.5, -0.2, 0, 1e-9, 0.7, 1.96, 2.49, 2.51, 5, 12, 30])
    p = np.array([1e-6, 0.025, 0.3, 0.5, 0.9, 0.975, 0.995, 1 - 1e-9])
    return {
        "z": z.tolist(),
        "survival": stats.norm.sf(z).tolist(),
        "p": p.tolist(),
        "quantile": stats.norm.ppf(p).tolist(),
    }


oracle = {
    "binary": [
        binary_case("few rows", 40, 0.4, 3, 0.5),
        binary_case("many ties", 200, 0.3, 1, 0.4),
        binary_case("rare positives", 500, 0.06, 4, 0.35),
    ],
    "multiclass": multiclass_case(300),
    "regression": regression_case(150),
    "normal": normal_case(),
}
file = pathlib.Path(__file__).with_name("oracle.json")
file.write_text(json.dumps(oracle, separators=(",", ":")) + "\n", encoding="utf-8")
