-- No query walks it: what changed is looked for among the groups of one person, in the order of the
-- answer. Every group that came in wrote it.
drop index measure_group_modified;
