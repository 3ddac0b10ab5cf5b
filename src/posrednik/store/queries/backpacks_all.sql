-- backpacks_all: every courier's backpack as it stands, for reading. out: courier_ref, doc (text)
SELECT courier_ref, doc::text AS doc FROM backpack
