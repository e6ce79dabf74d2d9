-- The conditions of every segment in words and in SQL, over `traits`, a row of customer_features: whoever puts them
-- into one query knows why somebody is in, or is not (segment_why does). One row per segment and condition.
{{ segment_condition_rows() }}
