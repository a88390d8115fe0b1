-- A workbook has sheets: line and column of a finding are then the row and column of this one.
ALTER TABLE finding ADD COLUMN sheet TEXT;
