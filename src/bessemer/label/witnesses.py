"""Witnesses of a label: what each says of every class, and how far each is to be believed.

Nothing but the labels themselves says how good a witness is. So the trust in each and the mistakes
that labellers make are fitted together, as the likeliest account of the labels that were given: a
class is drawn as the witnesses say, then written down rightly or as another. A witness that does
not foretell the labels of units it has not seen ends with no say.

Source: Rasmussen and Williams, "Gaussian Processes for Machine Learning", MIT Press 2006, eq. 5.12
(leave-one-out in closed form); Dawid and Skene, "Maximum Likelihood Estimation of Observer
Error-Rates Using the EM Algorithm", Applied Statistics 1979 (mistakes of labellers).
Differences: landmarks stand for the kernel where units are many; the weights of witnesses are
fitted in the same iterations as the mistakes.
Cost: O(t m^2) for m landmarks.
Shapes: t units, d their vectors' size, c classes, w witnesses.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

_ROUNDS = 60
_NATS = 10.0
"""A neighbourhood's word, a share in [0, 1], in the units in which a network's is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessConfig:
    """Settled on digits and Fashion-MNIST.

    Attributes:
        reach: How far a label speaks for others; 1 is the root mean square distance from the mean.
        ridge: How much a single label is distrusted.
        landmarks: Units that stand for all where there are more.
        assumed_error_frac: Mistakes that are expected before labels are seen.
        prior_labels: Weight of that expectation, in labels a class.
    """

    reach: float = 0.8
    ridge: float = 0.3
    landmarks: int = 2000
    assumed_error_frac: float = 0.1
    prior_labels: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Account:
    """The likeliest account of the labels.

    Attributes:
        trust: The weight of each witness.
        belief: Each unit's classes by the witnesses, before its label is looked at.
        posterior: The same, once its label has been looked at.
    """

    trust: Float64[np.ndarray, " w"]
    belief: Float64[np.ndarray, "t c"]
    posterior: Float64[np.ndarray, "t c"]


def ask_neighbourhood(
    labels: Int64[np.ndarray, " t"],
    points: Float64[np.ndarray, "t d"],
    n_classes: int,
    config: WitnessConfig,
) -> Float64[np.ndarray, "t c"]:
    """Say each unit's classes by the labels of units like it, its own left out.

    Kernel ridge regression ``f = K (K + ridge I)^-1 Y`` with ``K = exp(-d^2 / 2 reach^2)``; with
    ``h`` the diagonal of the hat matrix, what it says without a unit is ``(f - h y) / (1 - h)``.

    Args:
        labels: The class given to each unit.
        points: A vector of each unit.
        n_classes: Number of classes.
        config: Reach, ridge and landmarks.

    Returns:
        About the share of each class; a little below 0 or above 1 at times.
    """
    if not len(labels):
        return np.zeros((0, n_classes))
    centred = points - points.mean(axis=0)
    centred /= max(np.sqrt((centred**2).sum(axis=1).mean()), 1e-12)
    n_marks = min(config.landmarks, len(centred))
    marks = centred[np.linspace(0, len(centred) - 1, n_marks).astype(np.int64)]
    root = np.linalg.cholesky(_kernel(marks, marks, config.reach) + 1e-6 * np.eye(n_marks))
    features = np.linalg.solve(root, _kernel(marks, centred, config.reach)).T
    inverse = np.linalg.inv(features.T @ features + config.ridge * np.eye(n_marks))
    projected = features @ inverse
    own = (projected * features).sum(axis=1, keepdims=True)
    given = np.eye(n_classes)[labels]
    return np.asarray((projected @ (features.T @ given) - own * given) / (1.0 - own))


def account_for(
    labels: Int64[np.ndarray, " t"],
    word: Float64[np.ndarray, "t c"],
    neighbourhoods: list[Float64[np.ndarray, "t c"]],
    config: WitnessConfig,
) -> Account:
    """Fit the trust in each witness and the mistakes of labellers to the labels given.

    ``belief = softmax(sum of trust x witness)``, ``posterior ~ belief x mistakes[:, label]``: each
    round counts mistakes by the posterior and takes one Newton step of the trust towards it. Trust
    is never negative; it starts, and with few labels stays, at networks alone.

    Args:
        labels: The class given to each unit.
        word: Log-probabilities by networks that did not see the unit.
        neighbourhoods: As of :func:`ask_neighbourhood`.
        config: The mistakes that are expected.

    Returns:
        The likeliest account.
    """
    said = np.stack([word, *(_NATS * each for each in neighbourhoods)])
    start = np.array([1.0] + [0.0] * len(neighbourhoods))
    n_classes = word.shape[1]
    given = np.eye(n_classes)[labels]
    expected = np.full((n_classes, n_classes), config.assumed_error_frac / max(n_classes - 1, 1))
    np.fill_diagonal(expected, 1.0 - config.assumed_error_frac)
    trust, mistakes = start, expected
    for _ in range(_ROUNDS):
        belief, posterior = _infer(said, trust, mistakes, labels)
        counts = posterior.T @ given + config.prior_labels * expected
        mistakes = counts / counts.sum(axis=1, keepdims=True)
        trust = _step(said, trust, start, belief, posterior)
    belief, posterior = _infer(said, trust, mistakes, labels)
    return Account(trust=trust, belief=belief, posterior=posterior)


def softmax(logits: Float64[np.ndarray, "t c"]) -> Float64[np.ndarray, "t c"]:
    """Return probabilities over the second axis.

    Args:
        logits: Any finite numbers.

    Returns:
        Rows that sum to 1.
    """
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def _kernel(
    one: Float64[np.ndarray, "m d"], other: Float64[np.ndarray, "t d"], reach: float
) -> Float64[np.ndarray, "m t"]:
    """Return how far each of one is heard at each of the other."""
    square = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2.0 * one @ other.T
    return np.asarray(np.exp(-np.maximum(square, 0.0) / (2.0 * reach**2)))


def _infer(
    said: Float64[np.ndarray, "w t c"],
    trust: Float64[np.ndarray, " w"],
    mistakes: Float64[np.ndarray, "c c"],
    labels: Int64[np.ndarray, " t"],
) -> tuple[Float64[np.ndarray, "t c"], Float64[np.ndarray, "t c"]]:
    """Return belief without and with the labels."""
    evidence = np.tensordot(trust, said, axes=1)
    return softmax(evidence), softmax(evidence + np.log(mistakes[:, labels].T))


def _step(
    said: Float64[np.ndarray, "w t c"],
    trust: Float64[np.ndarray, " w"],
    start: Float64[np.ndarray, " w"],
    belief: Float64[np.ndarray, "t c"],
    posterior: Float64[np.ndarray, "t c"],
) -> Float64[np.ndarray, " w"]:
    """Return the trust after one Newton step, at most 1 a witness, held at 0 where it would sink.

    The prior of trust is normal around ``start`` with variance 1.
    """
    slope = ((posterior - belief) * said).sum(axis=(1, 2)) - (trust - start)
    free = np.flatnonzero((trust > 0.0) | (slope > 0.0))
    centred = said[free] - (belief * said[free]).sum(axis=2, keepdims=True)
    bend = np.einsum("itc,jtc->ij", belief * centred, centred) + np.eye(len(free))
    moved = trust.copy()
    moved[free] += np.clip(np.linalg.solve(bend, slope[free]), -1.0, 1.0)
    return np.asarray(np.maximum(moved, 0.0), dtype=np.float64)
