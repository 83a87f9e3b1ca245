"""Pure decisions of ingestion: values in, values out. The clock and fresh ids are arguments."""
