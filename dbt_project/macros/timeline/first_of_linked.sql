{% macro first_of_linked(links) %}
    {#- Which islands of a customer are reached from which: the first island of each group of linked ones.
        `links` is a query of earlier parts: (customer_id text, hub bigint, island bigint), hub < island, and every island
        that is linked at all is reached from a hub that follows no other hub. Gives (customer_id text, island bigint,
        root bigint), a row for each island that is linked.

        Walked from the islands that are no hub's follower: the first island of a group is one of these. -#}
    with recursive

    both_ways as materialized (

        select
            customer_id,
            hub as island,
            island as neighbour
        from {{ links }}

        union all

        select
            customer_id,
            island,
            hub as neighbour
        from {{ links }}

    ),

    walked as (

        select distinct
            links.customer_id,
            links.hub as root,
            links.hub as island
        from {{ links }} as links
        left join {{ links }} as earlier on links.customer_id = earlier.customer_id and links.hub = earlier.island
        where earlier.island is null

        union

        select
            walked.customer_id,
            walked.root,
            both_ways.neighbour as island
        from walked
        inner join both_ways on walked.customer_id = both_ways.customer_id and walked.island = both_ways.island

    )

    select
        customer_id,
        island,
        min(root) as root
    from walked
    group by customer_id, island
{%- endmacro %}
