SELECT b.source, b.teller,
    sum(b.requests) AS requests,
    sum(b.pays) AS pays,
    sum(b.requests) - sum(b.pays) AS confirms,
    sum(b.disagrees) AS disagrees
FROM source_rollup AS b
WHERE {where}
GROUP BY b.source, b.teller
ORDER BY b.source, b.teller
