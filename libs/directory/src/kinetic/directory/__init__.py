"""Who works where and reports to whom: the shared projection of the directory topic."""
