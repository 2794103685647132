"""Reports for people: the monthly pack as values, as a workbook and as a page to print."""
