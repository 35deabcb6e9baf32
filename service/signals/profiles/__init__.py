"""What those around the person know of the work: employer and jobcoach organisation each hand over their own, and the
person's own view stands beside it."""
