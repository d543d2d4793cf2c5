"""Pictures that explain what the model does. Importing this room imports no matplotlib; drawing does."""

from storygen.pictures.exploration_picture import draw_exploration

__all__ = ["draw_exploration"]
