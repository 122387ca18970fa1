"""Files of a report: CSV, XLSX and PDF, all from what the disclosure control released."""
