"""Pure rules of the feedback plane: values in, values out."""
