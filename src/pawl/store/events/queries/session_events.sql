SELECT {columns} FROM events AS e WHERE e.session_id = $session_id {page}
