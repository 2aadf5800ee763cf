"""A small convolutional generative adversarial network that is told the class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["labelled_images"]

_NOISE = 64
_BATCH = 64
_WIDTH = 32
"""Channels of the first convolution; the second has twice as many."""


def labelled_images(
    images: NDArray[np.float64],
    labels: NDArray[Any],
    shape: tuple[int, int],
    n_images: int,
    *,
    epochs: int,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Train a network on images and their classes, and let it make more.

    Strided convolutions, batch normalisation but at the discriminator's first layer, leaky rectifiers there, and Adam
    with a rate of 0.0002 and a momentum of 0.5, as Radford et al. advise; the class joins the noise, and the image as
    channels of its own.

    Parameters
    ----------
    images : ndarray of shape (n_rows, height * width), float64
    labels : ndarray of shape (n_rows,)
    shape : tuple of int
        Height and width.
    n_images : int
        How many to make; of each class as many as there are among the labels, in proportion.
    epochs : int
    seed : int
        PyTorch's own random numbers are put back where they were.

    Returns
    -------
    images : ndarray of shape (n_images, height * width), float64
        On the scale of the ones given.
    labels : ndarray of shape (n_images,)
    """
    import torch

    classes, code = np.unique(labels, return_inverse=True)
    low, high = float(images.min()), float(images.max())
    reach = max(high - low, 1e-12)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        one_hot = torch.eye(len(classes))[torch.as_tensor(code)]
        real = torch.as_tensor(2.0 * (images - low) / reach - 1.0, dtype=torch.float32).reshape(-1, 1, *shape)
        generator = _generator(len(classes), shape)
        _train(generator, _discriminator(len(classes), shape), real, one_hot, epochs)
        chosen = np.resize(np.random.default_rng(seed).permutation(code), n_images)
        generator.eval()
        with torch.no_grad():
            made = generator(torch.randn(n_images, _NOISE), torch.eye(len(classes))[torch.as_tensor(chosen)])
    pixels = made.reshape(n_images, -1).numpy().astype(np.float64)
    return (pixels + 1.0) / 2.0 * reach + low, classes[chosen]


def _train(generator: Any, discriminator: Any, real: Any, one_hot: Any, epochs: int) -> None:
    """Let both play against each other, in place."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as loss

    players = (generator, discriminator)
    of_generator, of_discriminator = (
        torch.optim.Adam(player.parameters(), lr=2e-4, betas=(0.5, 0.999)) for player in players
    )
    for _ in range(epochs):
        order: Any = torch.randperm(len(real))
        for batch in order.split(_BATCH):
            if len(batch) < 2:  # on which batch normalisation fails
                continue
            kind = one_hot[batch]
            made = generator(torch.randn(len(batch), _NOISE), kind)
            on_real, on_made = discriminator(real[batch], kind), discriminator(made.detach(), kind)
            of_discriminator.zero_grad()
            told: Any = loss(on_real, torch.ones_like(on_real)) + loss(on_made, torch.zeros_like(on_made))
            told.backward()
            of_discriminator.step()
            of_generator.zero_grad()
            judged = discriminator(made, kind)
            fooled: Any = loss(judged, torch.ones_like(judged))
            fooled.backward()
            of_generator.step()


def _quarter(shape: tuple[int, int]) -> tuple[int, int]:
    return -(-shape[0] // 4), -(-shape[1] // 4)


def _generator(n_classes: int, shape: tuple[int, int]) -> Any:
    import torch
    from torch import nn

    small = _quarter(shape)

    class Generator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.start = nn.Linear(_NOISE + n_classes, 2 * _WIDTH * small[0] * small[1])
            self.body = nn.Sequential(
                nn.BatchNorm2d(2 * _WIDTH),
                nn.ReLU(),
                nn.ConvTranspose2d(2 * _WIDTH, _WIDTH, 4, stride=2, padding=1),
                nn.BatchNorm2d(_WIDTH),
                nn.ReLU(),
                nn.ConvTranspose2d(_WIDTH, 1, 4, stride=2, padding=1),
                nn.Tanh(),
            )

        def forward(self, noise: Any, kind: Any) -> Any:
            start = self.start(torch.cat([noise, kind], dim=1)).reshape(len(noise), 2 * _WIDTH, *small)
            return self.body(start)[:, :, : shape[0], : shape[1]]

    return Generator()


def _discriminator(n_classes: int, shape: tuple[int, int]) -> Any:
    import torch
    from torch import nn

    halves = [-(-side // 2) for side in shape]
    quarters = [-(-side // 2) for side in halves]

    class Discriminator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(1 + n_classes, _WIDTH, 3, stride=2, padding=1),
                nn.LeakyReLU(0.2),
                nn.Conv2d(_WIDTH, 2 * _WIDTH, 3, stride=2, padding=1),
                nn.BatchNorm2d(2 * _WIDTH),
                nn.LeakyReLU(0.2),
                nn.Flatten(),
            )
            self.head = nn.Linear(2 * _WIDTH * quarters[0] * quarters[1], 1)

        def forward(self, images: Any, kind: Any) -> Any:
            channels = kind[:, :, None, None].expand(-1, -1, *shape)
            return self.head(self.body(torch.cat([images, channels], dim=1)))

    return Discriminator()
