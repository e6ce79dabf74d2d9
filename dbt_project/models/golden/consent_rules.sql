-- What each word of a source means for a channel and a purpose: the seed consent_states, checked.
-- One row per source, field, word, channel and purpose. A wrong line stops the run and is named.
{%- set seed = ref('consent_states') %}
{%- do stop_on_wrong_lines(seed, 'consent_states.csv', wrong_consent_lines(numbered_lines(seed))) %}
select
    source,
    field,
    stated,
    channel,
    purpose,
    state
from {{ ref('consent_states') }}
