"""The same event instances for general solvers: cuts, one direct model, HiGHS and CP-SAT as yardsticks."""
