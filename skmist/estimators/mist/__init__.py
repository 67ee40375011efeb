"""The pretrained net that reads a sample and answers at once."""
