-- When the newest fact happened, of those that are not from the future.
SELECT max(time) AS newest FROM events WHERE time >= $since AND time <= $until
