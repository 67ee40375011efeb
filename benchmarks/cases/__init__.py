"""What the benchmarks ask about: families, samples, relations and tasks with known answers."""
