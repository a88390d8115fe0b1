-- SQLite makes a table of a list of more than two words each time it checks a row against it, which
-- takes longer than to write the row. The same words, compared one after the other, the frequent
-- ones first. What is allowed stays as it was, and no row is touched.
--
-- A check of a table can be changed only where its text is kept; SQLite's own documentation of
-- ALTER TABLE describes this way for it. What is not found as it was made stays as it is.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema SET sql = replace(replace(sql,
    'state IN (''invalid'', ''ready'', ''sending'', ''accepted'', ''rejected'',',
    'state = ''sending'' OR state = ''accepted'' OR state = ''ready'' OR state = ''rejected'' OR state = ''invalid'' OR'),
    '''deferred'', ''uncertain'', ''held'', ''superseded'', ''withdrawn''))',
    'state = ''deferred'' OR state = ''uncertain'' OR state = ''held'' OR state = ''superseded'' OR state = ''withdrawn'')')
WHERE type = 'table' AND name = 'revision'
    AND instr(sql, 'state IN (''invalid'', ''ready'', ''sending'', ''accepted'', ''rejected'',') > 0
    AND instr(sql, '''deferred'', ''uncertain'', ''held'', ''superseded'', ''withdrawn''))') > 0;

UPDATE sqlite_schema SET sql = replace(sql,
    'outcome IN (''accepted'', ''rejected'', ''deferred'', ''uncertain'')',
    'outcome = ''accepted'' OR outcome = ''rejected'' OR outcome = ''deferred'' OR outcome = ''uncertain''')
WHERE type = 'table' AND name = 'attempt';

UPDATE sqlite_schema SET sql = replace(sql,
    'severity IN (''error'', ''blocking'', ''warning'', ''advice'')',
    'severity = ''advice'' OR severity = ''warning'' OR severity = ''error'' OR severity = ''blocking''')
WHERE type = 'table' AND name = 'finding';

-- Other connections learn of it from the schema's number, which only a change of their own raises.
CREATE TABLE changed (id INTEGER PRIMARY KEY);
DROP TABLE changed;
PRAGMA writable_schema = RESET;
