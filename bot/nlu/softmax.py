"""Multinomial logistic regression on dense and sparse features at once.

scikit-learn's would turn the dense vectors into a sparse matrix and take five times as long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse


@dataclass(frozen=True)
class Softmax:
    """A fitted model.

    Attributes:
        dense: Weights of the dense features, `(features, classes)`, float32.
        loose: Weights of the sparse features, `(features, classes)`, float32.
        bias: One number per class.
    """

    dense: np.ndarray
    loose: np.ndarray
    bias: np.ndarray

    def scores(self, dense: np.ndarray, loose: sparse.csr_matrix) -> np.ndarray:
        """Return the unscaled log-probabilities, `(rows, classes)`."""
        return dense @ self.dense + loose @ self.loose + self.bias


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return probabilities that sum to 1 in every row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def fit_softmax(
    dense: np.ndarray,
    loose: sparse.csr_matrix,
    targets: np.ndarray,
    strength: float,
    iterations: int,
    weights: np.ndarray | None = None,
    start: Softmax | None = None,
) -> Softmax:
    """Fit by L-BFGS from a fixed point, so that the same data gives the same model.

    Args:
        dense: float32 `(rows, features)`.
        loose: float32 sparse `(rows, features)`.
        targets: `(rows, classes)`, each row a distribution over the classes.
        strength: Inverse of the L2 penalty, as scikit-learn's C.
        iterations: At most so many steps.
        weights: Importance of each row; 1 where not given.
        start: A model of the same features and classes to begin with; zero where not given.
    """
    rows, classes = targets.shape
    near, far = dense.shape[1], loose.shape[1]
    importance = np.ones(rows, np.float32) if weights is None else weights.astype(np.float32)
    turned = loose.T.tocsr()

    def unpack(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        parts = flat.astype(np.float32).reshape(near + far + 1, classes)
        return parts[:near], parts[near:-1], parts[-1]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        one, two, bias = unpack(flat)
        scores = dense @ one + loose @ two + bias
        scores -= scores.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(scores).sum(axis=1, keepdims=True))
        log_likely = scores - log_sum
        error = (np.exp(log_likely) - targets) * importance[:, None]
        gradient = np.concatenate([dense.T @ error, turned @ error, error.sum(axis=0, keepdims=True)])
        free = gradient.astype(np.float64).ravel()
        penalised = flat.copy()
        penalised[-classes:] = 0
        value = -float((log_likely * targets * importance[:, None]).sum(dtype=np.float64))
        value += 0.5 * float(penalised @ penalised) / strength
        return value, free + penalised / strength

    first = np.zeros((near + far + 1, classes))
    if start is not None:
        first = np.concatenate([start.dense, start.loose, start.bias[None, :]]).astype(np.float64)
    found = optimize.minimize(
        loss,
        first.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "maxcor": 6, "ftol": 1e-7},
    )
    one, two, bias = unpack(found.x)
    return Softmax(one.copy(), two.copy(), bias.copy())
