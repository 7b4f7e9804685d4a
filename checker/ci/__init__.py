"""What continuous integration reads: test cases, JUnit, SARIF, annotations, baselines, a workflow."""
