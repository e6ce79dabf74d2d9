{#-
  What a row weighs: a number from all of the given texts together. Two tables whose weights sum to the same name the same
  rows, each as often: a row that is missing, doubled or another's is a weight that nothing makes up for. So the sums are
  asked first, which is a look at every row; rows are brought side by side only where the sums differ. A text may not be
  null: a row with one would weigh nothing. Small enough to be counted several times.
-#}
{% macro weight_of(texts) -%}
  {%- set nested = namespace(seed='0') -%}
  {%- for text in texts | reverse -%}
    {%- set nested.seed = 'hashtextextended(' ~ text ~ ', ' ~ nested.seed ~ ')' -%}
  {%- endfor -%}
  ({{ nested.seed }} >> 24)
{%- endmacro %}
