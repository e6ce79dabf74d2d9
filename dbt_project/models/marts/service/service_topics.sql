-- What customers need us for. The topic of a case is the one that its source gave it; else the one of the first word of
-- its subject that the seed `service_topic_words` knows; else `other`. One row per topic.
with

-- Only subjects of cases without a topic are read word by word, each once.
subjects as (

    select distinct subject
    from {{ ref('service_cases') }}
    where nullif(trim(topic), '') is null

),

worded as (

    select distinct on (subjects.subject)
        subjects.subject,
        known.topic
    from subjects
    cross join
        lateral regexp_split_to_table(lower(subjects.subject), '[^[:alnum:]]+') with ordinality as words (
            word, position
        )
    inner join {{ ref('service_topic_words') }} as known on words.word = known.word
    order by subjects.subject asc, words.position asc, known.topic asc

),

cases as (

    select
        coalesce(lower(nullif(trim(service_cases.topic), '')), worded.topic, 'other') as topic,
        service_cases.resolution_minutes,
        service_cases.is_repeat_contact,
        case when coalesce(service_cases.rating_scale, '') <> 'nps' then service_cases.rating end as rating
    from {{ ref('service_cases') }} as service_cases
    left join worded on service_cases.subject = worded.subject

)

select
    topic,
    count(*) as case_count,
    cast(count(*) / sum(count(*)) over () as numeric(5, 4)) as case_share,
    count(resolution_minutes) as solved_count,
    cast(avg(resolution_minutes) as numeric(12, 2)) as average_resolution_minutes,
    count(rating) as rating_count,
    cast(avg(rating) as numeric(5, 4)) as csat,
    count(*) filter (where is_repeat_contact) as repeat_contacts,
    cast(avg(case when is_repeat_contact then 1 else 0 end) as numeric(5, 4)) as repeat_contact_share
from cases
group by topic
