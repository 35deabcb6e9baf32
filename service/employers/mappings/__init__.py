"""What an employer's own HR system calls the columns of its contract register, and what its words mean."""
