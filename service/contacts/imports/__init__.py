"""The caseload of UWV as a file: who is responsible for whom, and which employers know."""
