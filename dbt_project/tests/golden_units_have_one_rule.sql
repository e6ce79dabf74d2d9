-- The parts of a name or an address win together, so one rule must choose them all.
select unit
from {{ ref('survivorship_rules') }}
group by unit
having count(distinct rule) > 1 or count(*) filter (where is_compared) = 0
